// Tones of the states a difference can be in, and how its values are shown.
import type { BreakRow } from "$lib/ipc/types";
import { numberName } from "$lib/shared/accounts";
import type { Tone } from "$lib/shared/Chip.svelte";
import { t, tCode } from "$lib/shared/words.svelte";

const TONES: Record<string, Tone> = {
  open: "warn",
  explained: "good",
  resolved: "good",
  written_off: "calm",
};

/** A state the window does not know yet is calm. */
export const toneOf = (state: string): Tone => TONES[state] ?? "calm";

/** True when something can still be decided about it. */
export const isOpen = (row: BreakRow): boolean => row.state === "open";

/** The primary record without its prefix, as people know the number. */
export const numberOf = (row: BreakRow): string => {
  const record = row.records[0] ?? "";
  return record.slice(record.indexOf(":") + 1);
};

/** True when it has two values to compare: of a row of an unknown kind that is all there is. */
export const hasValues = (row: BreakRow): boolean =>
  row.kind !== "unknown_row" && (row.expected !== "" || row.found !== "");

/** True while an answer is waited for: somebody asked, or claimed. */
export const isPursued = (row: BreakRow): boolean =>
  isOpen(row) && (row.act === "ask" || row.act === "claim");

/** What the suggested act does of itself; nothing else is done by the program. */
export type Does = "classify" | "import" | "ask" | "claim" | "accept";

/** Where the suggested act leads. */
export function doesOf({ suggestion }: BreakRow): Does {
  if (suggestion === "classify" || suggestion === "claim") return suggestion;
  if (suggestion === "import_bill") return "import";
  return suggestion.startsWith("ask_") ? "ask" : "accept";
}

/** Suggestions that accepting carries out. */
const CARRIED_OUT = ["accept_rounding", "accept_late", "carry_over", "take_back"];

/** True where somebody has to do it elsewhere, and the program only marks the difference. */
export const isOutside = (row: BreakRow): boolean => {
  const does = doesOf(row);
  if (does === "accept") return !CARRIED_OUT.includes(row.suggestion);
  return does === "ask" || does === "claim";
};

/** What the button of the suggested act does, in the reader's words. */
export function actOf(row: BreakRow): string {
  if (isPursued(row)) return t("differences.answered");
  if (!isOutside(row)) return tCode("decisions.suggest", row.suggestion);
  return tCode("differences.does", doesOf(row));
}

/** `wechat_pay:1900000109` in the reader's words. */
export function accountName(account: string): string {
  const [channel = "", ...number] = account.split(":");
  return `${tCode("ui.channel", channel)} ${numberName(channel, number.join(":"))}`.trim();
}

/** `payment:4200…` in the reader's words; the number stays as it is. */
export function recordName(record: string): string {
  const [what = "", ...number] = record.split(":");
  return `${tCode("differences.record", what)} ${number.join(":")}`.trim();
}
