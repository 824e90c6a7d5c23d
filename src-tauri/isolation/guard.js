// Stands between the pages and the program, in a frame of its own: every message passes here
// before it is sealed. The program's manifest decides which commands exist; this drops what no
// page of ours would ever say.
"use strict";

const COMMAND = /^(plugin:event\|(un)?listen|[a-z][a-z_]{1,40})$/;
const LONGEST = 1_000_000;

window.__TAURI_ISOLATION_HOOK__ = (message) => {
  if (typeof message.cmd !== "string" || !COMMAND.test(message.cmd)) {
    throw new Error("refused: not a command of this program");
  }
  if (JSON.stringify(message.payload ?? null).length > LONGEST) {
    throw new Error("refused: the message is too long");
  }
  return message;
};
