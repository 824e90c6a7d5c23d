// Tones of the states a difference can be in, and how its values are shown.
import type { BreakRow } from "$lib/ipc/types";
import type { Tone } from "$lib/shared/Chip.svelte";

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
