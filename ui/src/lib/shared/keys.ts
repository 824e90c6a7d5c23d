// Key chords: `G P` is G, then P within a second. One list drives the keyboard and the sheet.
import type { Key } from "./messages";

/** What a chord does. */
export interface Shortcut {
  /** As shown and as matched: `G P`, `Enter`, `?`, `Ctrl+P`. */
  chord: string;
  /** Catalogue key of what it does. */
  does: Key;
  /** Where it works: catalogue key of the group in the sheet. */
  where: Key;
}

/** How long a first key waits for its second, milliseconds. */
export const CHORD_MS = 1000;

/** Every shortcut of the window, in the order of the sheet. */
export const SHORTCUTS: Shortcut[] = [
  { chord: "G H", does: "ui.keys.home", where: "ui.keys.everywhere" },
  { chord: "G P", does: "ui.keys.payouts", where: "ui.keys.everywhere" },
  { chord: "G E", does: "orders.keys.orders", where: "ui.keys.everywhere" },
  { chord: "G Q", does: "collect.keys", where: "ui.keys.everywhere" },
  { chord: "G Y", does: "till.keys", where: "ui.keys.everywhere" },
  { chord: "G T", does: "lists.keys.transactions", where: "ui.keys.everywhere" },
  { chord: "G L", does: "ledger.keys.ledger", where: "ui.keys.everywhere" },
  { chord: "G K", does: "calendar.keys.calendar", where: "ui.keys.everywhere" },
  { chord: "G B", does: "bank.keys.bank", where: "ui.keys.everywhere" },
  { chord: "G R", does: "reports.keys.reports", where: "ui.keys.everywhere" },
  { chord: "G I", does: "ui.keys.import", where: "ui.keys.everywhere" },
  { chord: "G C", does: "channels_page.keys", where: "ui.keys.everywhere" },
  { chord: "G S", does: "statements.keys", where: "ui.keys.everywhere" },
  { chord: "G O", does: "settings.keys", where: "ui.keys.everywhere" },
  { chord: "G M", does: "companies.keys", where: "ui.keys.everywhere" },
  { chord: "F1", does: "help.keys", where: "ui.keys.everywhere" },
  { chord: "Ctrl+I", does: "ui.keys.choose", where: "ui.keys.everywhere" },
  { chord: "Ctrl+O", does: "companies.locate", where: "ui.keys.everywhere" },
  { chord: "Ctrl+N", does: "companies.new", where: "ui.keys.everywhere" },
  { chord: "Ctrl+K", does: "search.keys.open", where: "ui.keys.everywhere" },
  { chord: "Ctrl+J", does: "jobs.keys", where: "ui.keys.everywhere" },
  { chord: "G D", does: "ui.keys.breaks", where: "ui.keys.everywhere" },
  { chord: "Ctrl+Z", does: "ui.keys.undo", where: "ui.keys.everywhere" },
  { chord: "Ctrl+Plus", does: "shell.zoom.larger", where: "ui.keys.everywhere" },
  { chord: "Ctrl+Minus", does: "shell.zoom.smaller", where: "ui.keys.everywhere" },
  { chord: "Ctrl+0", does: "shell.zoom.actual", where: "ui.keys.everywhere" },
  { chord: "?", does: "ui.keys.sheet", where: "ui.keys.everywhere" },
  { chord: "Escape", does: "ui.keys.back", where: "ui.keys.everywhere" },
  { chord: "ArrowDown", does: "ui.keys.next", where: "ui.keys.lists" },
  { chord: "ArrowUp", does: "ui.keys.previous", where: "ui.keys.lists" },
  { chord: "Enter", does: "ui.keys.open", where: "ui.keys.lists" },
  { chord: "Space", does: "lists.keys.pick", where: "lists.keys.list" },
  { chord: "Ctrl+A", does: "lists.keys.all", where: "lists.keys.list" },
  { chord: "Ctrl+C", does: "lists.keys.copy", where: "lists.keys.list" },
  { chord: "X", does: "lists.keys.clear", where: "lists.keys.list" },
  { chord: "[ ]", does: "calendar.keys.month", where: "calendar.title" },
  { chord: "L", does: "bank.keys.line", where: "bank.keys.list" },
  { chord: "L", does: "orders.keys.line", where: "orders.keys.list" },
  { chord: "L", does: "orders.keys.line", where: "orders.keys.order" },
  { chord: "N", does: "collect.keys.begin", where: "collect.title" },
  { chord: "A", does: "collect.keys.ask", where: "collect.title" },
  { chord: "Escape", does: "collect.keys.give_up", where: "collect.title" },
  { chord: "N", does: "till.keys.receive", where: "till.title" },
  { chord: "K", does: "till.keys.count", where: "till.title" },
  { chord: "D", does: "till.keys.drop", where: "till.title" },
  { chord: "Ctrl+P", does: "till.keys.sheet", where: "till.title" },
  { chord: "T", does: "ledger.keys.transaction", where: "ledger.keys.list" },
  { chord: "U", does: "ui.keys.unexplained", where: "ui.keys.payout" },
  { chord: "L", does: "ui.keys.lines", where: "ui.keys.payout" },
  { chord: "F", does: "ui.keys.fees", where: "ui.keys.payout" },
  { chord: "N", does: "ui.keys.note", where: "ui.keys.payout" },
  { chord: "A", does: "ui.keys.seen", where: "ui.keys.payout" },
  { chord: "Ctrl+P", does: "ui.keys.statement", where: "ui.keys.payout" },
  { chord: "J", does: "ui.keys.next", where: "ui.keys.differences" },
  { chord: "K", does: "ui.keys.previous", where: "ui.keys.differences" },
  { chord: "S", does: "ui.keys.accept", where: "ui.keys.differences" },
  { chord: "W", does: "ui.keys.write_off", where: "ui.keys.differences" },
  { chord: "C", does: "ui.keys.carry", where: "ui.keys.differences" },
  { chord: "N", does: "ui.keys.note", where: "ui.keys.differences" },
  { chord: "R", does: "ui.keys.reopen", where: "ui.keys.differences" },
  { chord: "T", does: "ui.keys.always", where: "ui.keys.differences" },
  { chord: "L", does: "ui.question.line", where: "ui.keys.differences" },
  { chord: "Y", does: "ui.classify.always", where: "ui.classify.title" },
  { chord: "O", does: "ui.classify.once", where: "ui.classify.title" },
  { chord: "Ctrl+P", does: "ui.keys.statement", where: "statements.title" },
];

/** Signs that a chord cannot carry as they are; the plus stands above `=` on many keyboards. */
const SIGNS: Record<string, string> = { "+": "Plus", "=": "Plus", "-": "Minus" };

/**
 * The name of a pressed key, `Ctrl+P` style. Ctrl and the Mac's command key are the same. Shift is
 * named with a letter only: which sign it makes of another key depends on the keyboard.
 */
export function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (!event.ctrlKey && !event.metaKey) return key;
  const sign = SIGNS[key];
  if (sign) return `Ctrl+${sign}`;
  return event.shiftKey && /^[A-Z]$/.test(key) ? `Ctrl+Shift+${key}` : `Ctrl+${key}`;
}

/** Letters typed into a field are text, not commands. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** True for keys a field needs itself: what is typed into it, and what edits that. */
export function isForField(name: string): boolean {
  if (/^(Escape|F\d+)$/.test(name)) return false;
  return !name.startsWith("Ctrl+") || /^Ctrl\+(Shift\+)?[ACVXYZ]$/.test(name);
}

/** Recognises chords in a stream of keys. */
export class Chords {
  #pending = "";
  #since = 0;

  /** The chord this key completes, a single key included; `now` in milliseconds. */
  press(name: string, now: number, known: (chord: string) => boolean): string | undefined {
    const both = `${this.#pending} ${name}`;
    if (this.#pending && now - this.#since <= CHORD_MS && known(both)) {
      this.#pending = "";
      return both;
    }
    this.#pending = name;
    this.#since = now;
    return known(name) ? name : undefined;
  }

  /** The last key began nothing. */
  forget() {
    this.#pending = "";
  }
}

const CAPS: Record<string, string> = {
  Escape: "Esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Plus: "+",
  Minus: "−",
};

/** The caps of a chord as they stand on a keyboard. */
export const capsOf = (chord: string) => chord.split(/[ +]/).map((cap) => CAPS[cap] ?? cap);
