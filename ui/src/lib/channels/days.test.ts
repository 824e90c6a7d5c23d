import { describe, expect, it } from "vitest";
import { answerChannels } from "$lib/ipc/stub-channels";
import type { CoverageView } from "$lib/ipc/types";
import { find } from "$lib/shared/messages";
import { monthsOf, runsOf, SIGNS, stateOf, STATES } from "./days";

const stream: CoverageView = {
  stream: "trade",
  days: [
    { date: "2026-03-30", state: "proven" },
    { date: "2026-03-31", state: "proven" },
    { date: "2026-04-01", state: "failed" },
    { date: "2026-04-02", state: "proven" },
  ],
};

describe("the days of a stream", () => {
  it("stand by month, the latest first", () => {
    const months = monthsOf(stream);
    expect(months.map(({ month }) => month)).toEqual(["2026-04", "2026-03"]);
    expect(months[0]?.days.get(1)?.state).toBe("failed");
    expect(months[1]?.days.has(1)).toBe(false);
  });

  it("are told as runs, and no day is in two of them", () => {
    const runs = runsOf(stream);
    expect(runs.map(({ from, to, count }) => [from, to, count])).toEqual([
      ["2026-04-02", "2026-04-02", 1],
      ["2026-04-01", "2026-04-01", 1],
      ["2026-03-30", "2026-03-31", 2],
    ]);
    for (const view of answerChannels("coverage", { id: 1 }) as CoverageView[]) {
      const counted = runsOf(view).reduce((sum, { count }) => sum + count, 0);
      expect(counted).toBe(view.days.length);
    }
  });

  it("have a sign of their own and words for each state", () => {
    expect(new Set(Object.values(SIGNS)).size).toBe(STATES.length);
    for (const state of STATES) {
      expect(find("zh", `channels.day.${state}`), state).toBeTruthy();
      expect(find("en", `channels.day.${state}`), state).toBeTruthy();
    }
  });

  it("never pass for whole when the state is one the page does not know", () => {
    expect(stateOf("tomorrow")).toBe("missing");
  });
});
