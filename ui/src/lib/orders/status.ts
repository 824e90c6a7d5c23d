// How the states of orders look.
import type { Tone } from "$lib/shared/Chip.svelte";

/** The tone of a state; the word beside it says the state itself. */
export const STATUS_TONE: Record<string, Tone> = {
  unpaid: "warn",
  paid: "good",
  closed: "calm",
  canceled: "calm",
  refunded: "calm",
  unknown: "warn",
};
