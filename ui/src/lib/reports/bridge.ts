// Geometry of a bridge: lengths on the screen, no amount shown comes from here.
import type { Amount } from "$lib/ipc/types";

/** A step with its name; the amount only sets how long its bar is. */
export interface Named {
  name: string;
  amount: Amount;
}

/** A bar between two heights of the money axis. */
export interface Bar extends Named {
  low: number;
  high: number;
  kind: "total" | "in" | "out";
}

/** Lays out a bridge: a whole bar, the steps that lead on from its end, and the other whole bar. */
export function layOut(first: Named, steps: Named[], last: Named): Bar[] {
  const whole = ({ name, amount }: Named): Bar => {
    const length = amount.minor;
    const [low, high] = [Math.min(0, length), Math.max(0, length)];
    return { name, amount, low, high, kind: "total" };
  };
  let level: number = first.amount.minor;
  const bars = steps.map(({ name, amount }): Bar => {
    const length = amount.minor;
    const from = level;
    level += length;
    const [low, high] = [Math.min(from, level), Math.max(from, level)];
    return { name, amount, low, high, kind: length < 0 ? "out" : "in" };
  });
  return [whole(first), ...bars, whole(last)];
}
