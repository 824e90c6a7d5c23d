// How what was asked of buyers looks, and when it is asked about again.
import type { CollectionView } from "$lib/ipc/types";
import type { Tone } from "$lib/shared/Chip.svelte";

/** The tone of a state; the word beside it says the state itself. */
export const STATE_TONE: Record<string, Tone> = {
  sending: "calm",
  not_sent: "warn",
  unknown: "warn",
  waiting: "calm",
  closing: "warn",
  paid: "good",
  closed: "calm",
  refused: "bad",
};

/** A clock of minutes and seconds. */
export function clock(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How long to wait before asking again, ms; null when nothing more is to come. */
export function pause(of: CollectionView): number | null {
  if (of.nextInMs === null) return null;
  // The core says when; a page that has just drawn needs a moment all the same.
  return Math.max(300, of.nextInMs);
}

/** A number of one press of the button, so that a second press asks for nothing twice. */
export function nonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
