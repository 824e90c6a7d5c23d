import { describe, expect, it } from "vitest";
import { placesFor, scrollTo, visible } from "./window";

describe("a long list", () => {
  it("draws what is in sight and a little more", () => {
    expect(visible(0, 400, 40, 100_000)).toEqual({ from: 0, until: 16 });
    expect(visible(40_000, 400, 40, 100_000)).toEqual({ from: 994, until: 1016 });
  });

  it("draws nothing beyond its ends", () => {
    expect(visible(0, 400, 40, 3)).toEqual({ from: 0, until: 3 });
    expect(visible(0, 400, 40, 0)).toEqual({ from: 0, until: 0 });
    expect(visible(99_999, 400, 40, 5)).toEqual({ from: 5, until: 5 });
  });

  it("draws no two rows in one place, wherever it is scrolled to", () => {
    for (const [height, rowHeight] of [[400, 32], [401, 52], [7, 36]] as const) {
      for (let scrollTop = 0; scrollTop < 500; scrollTop += 1) {
        const { from, until } = visible(scrollTop, height, rowHeight, 100_000);
        expect(until - from).toBeLessThanOrEqual(placesFor(height, rowHeight));
      }
    }
  });

  it("scrolls as little as shows the row", () => {
    expect(scrollTo(2, 0, 400, 40)).toBe(0);
    expect(scrollTo(20, 0, 400, 40)).toBe(440);
    expect(scrollTo(1, 400, 400, 40)).toBe(40);
  });
});
