// Tones of the states a payout can be in.
import type { PayoutRow } from "$lib/ipc/types";
import type { Tone } from "$lib/shared/Chip.svelte";

export const STATUS_TONE: Record<PayoutRow["status"], Tone> = {
  explained: "good",
  question: "warn",
  waiting: "calm",
};

export const VERDICT_TONE: Record<PayoutRow["verdict"], Tone> = {
  complete: "good",
  waiting: "calm",
  incomplete: "warn",
  contradictory: "bad",
};
