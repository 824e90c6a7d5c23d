// Stands between the pages and the program, in a frame of its own that the pages cannot reach
// into: every message passes here before it is sealed, and the program reads only sealed ones.
// What no page of ours would ever say is not passed on.
//
// A refused message goes on under a name that is no command: so its sender hears that it was
// refused, instead of waiting for ever.
"use strict";

(() => {
  const REFUSED = "refused_by_guard";
  // Hearing the program's events; what it may hear beyond that is the program's own to say.
  const EVENTS = ["plugin:event|listen", "plugin:event|unlisten"];
  const allowed = new Set([...COMMANDS, ...EVENTS]);

  const NAME = /^[a-z][A-Za-z0-9]{0,39}$/;
  // A saved view and a column mapping are the longest texts a page sends.
  const LONGEST_TEXT = 1_000_000;
  const MOST_ITEMS = 100_000;
  const DEEPEST = 8;

  const isPlain = (value) =>
    Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]";

  /** Whether a value is one that JSON can say, in a size that a page can mean. */
  function isSane(value, depth) {
    if (value === null || value === undefined || typeof value === "boolean") return true;
    if (typeof value === "string") return value.length <= LONGEST_TEXT;
    // Amounts and line numbers are whole; past this they would not be what they look like.
    if (typeof value === "number") return Number.isSafeInteger(value);
    if (typeof value !== "object" || !isPlain(value) || depth >= DEEPEST) return false;
    const items = Object.values(value);
    return items.length <= MOST_ITEMS && items.every((item) => isSane(item, depth + 1));
  }

  function isCall({ cmd, payload }) {
    if (typeof cmd !== "string" || !allowed.has(cmd)) return false;
    if (payload === null || payload === undefined) return true;
    if (typeof payload !== "object" || Array.isArray(payload) || !isPlain(payload)) return false;
    return Object.keys(payload).every((key) => NAME.test(key)) && isSane(payload, 0);
  }

  window.__TAURI_ISOLATION_HOOK__ = (message) => {
    if (isCall(message)) return message;
    return { ...message, cmd: REFUSED, payload: {}, options: undefined };
  };
})();
