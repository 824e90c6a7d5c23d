import { expect, it } from "vitest";
import type { CollectionView } from "$lib/ipc/types";
import { clock, nonce, pause } from "./state";

it("shows what is left as minutes and seconds", () => {
  expect(clock(600_000)).toBe("10:00");
  expect(clock(61_200)).toBe("1:02");
  expect(clock(-5)).toBe("0:00");
});

it("asks when the core says so, and no more once the end is known", () => {
  const at = (nextInMs: number | null) => ({ nextInMs }) as CollectionView;
  expect(pause(at(2000))).toBe(2000);
  expect(pause(at(0))).toBe(300);
  expect(pause(at(null))).toBeNull();
});

it("gives every press a number of its own", () => {
  const made = new Set(Array.from({ length: 50 }, nonce));
  expect(made.size).toBe(50);
  for (const one of made) expect(one).toMatch(/^[0-9a-f]{32}$/);
});
