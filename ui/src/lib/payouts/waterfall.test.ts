import { expect, it } from "vitest";
import { layOut } from "./waterfall";

const GOLDEN = [
  { name: "sales", minor: 42998 },
  { name: "refunds", minor: -5000 },
  { name: "fees", minor: -259 },
  { name: "fees_returned", minor: 30 },
  { name: "commission_split", minor: -1280 },
  { name: "held", minor: -3975 },
  { name: "released", minor: 2000 },
  { name: "account_charges", minor: -100 },
];

it("ends where the paid bar begins, for the golden payout", () => {
  const bars = layOut(GOLDEN, { name: "paid", minor: 34414 }, 210);
  const last = bars.at(-2);
  const paid = bars.at(-1);
  expect(paid?.kind).toBe("total");
  expect(last?.leaves).toBeCloseTo(paid?.top ?? 0, 6);
  expect(paid ? paid.top + paid.height : 0).toBeCloseTo(210, 6);
});

it("keeps even one fen visible and inside the drawing", () => {
  const steps = [{ name: "sales", minor: 100_000_000 }, { name: "fees", minor: -1 }];
  for (const bar of layOut(steps, { name: "paid", minor: 99_999_999 }, 200)) {
    expect(bar.height).toBeGreaterThanOrEqual(3);
    expect(bar.top).toBeGreaterThanOrEqual(0);
    expect(bar.top + bar.height).toBeLessThanOrEqual(200.001);
  }
});

it("draws a payout below nothing", () => {
  const bars = layOut([{ name: "refunds", minor: -500 }], { name: "paid", minor: -500 }, 100);
  expect(bars[0]).toMatchObject({ kind: "out", top: 0, height: 100 });
});
