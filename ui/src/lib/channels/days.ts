// How the days of a stream look: a sign and a tone each, so that colour alone says nothing.
import type { CoverageDay, CoverageView } from "$lib/ipc/types";
import type { Tone } from "$lib/shared/Chip.svelte";

/** Every state, the best first. */
export const STATES = [
  "proven",
  "empty",
  "not_yet",
  "missing",
  "at_edge",
  "failed",
  "broken",
  "lost",
] as const;
/** What is known of a day. */
export type State = (typeof STATES)[number];

export const SIGNS: Record<State, string> = {
  proven: "✓",
  empty: "○",
  not_yet: "·",
  missing: "?",
  at_edge: "!",
  failed: "×",
  broken: "≠",
  lost: "–",
};

export const TONES: Record<State, Tone> = {
  proven: "good",
  empty: "good",
  not_yet: "calm",
  missing: "warn",
  at_edge: "warn",
  failed: "bad",
  broken: "bad",
  lost: "bad",
};

/** The state of a code; the program may know more than the page. */
export function stateOf(code: string): State {
  return STATES.find((state) => state === code) ?? "missing";
}

/** Days of one month, by the day of the month. */
export interface Month {
  /** `2026-04`. */
  month: string;
  days: Map<number, CoverageDay>;
}

/** The days of a stream month by month, the latest month first. */
export function monthsOf(stream: CoverageView): Month[] {
  const months = new Map<string, Month>();
  for (const day of stream.days) {
    const month = day.date.slice(0, 7);
    let found = months.get(month);
    if (!found) months.set(month, (found = { month, days: new Map() }));
    found.days.set(Number(day.date.slice(8)), day);
  }
  return [...months.values()].sort((a, b) => (a.month < b.month ? 1 : -1));
}

/** Days that follow each other in the same state. */
export interface Run {
  from: string;
  to: string;
  count: number;
  state: State;
}

/** Runs of equal days, the latest first, so that a quiet year is one line. */
export function runsOf(stream: CoverageView): Run[] {
  const runs: Run[] = [];
  for (const { date, state: code } of stream.days) {
    const state = stateOf(code);
    const last = runs.at(-1);
    if (last && last.state === state) {
      last.to = date;
      last.count += 1;
    } else {
      runs.push({ from: date, to: date, count: 1, state });
    }
  }
  return runs.reverse();
}
