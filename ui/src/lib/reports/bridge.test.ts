import { expect, it } from "vitest";
import { layOut, type Named } from "./bridge";

const named = (name: string, minor: number): Named => {
  return { name, amount: { minor, currency: "CNY", major: "" } };
};

it("lets each step of a bridge begin where the one before ended", () => {
  const steps = [named("fees", -30), named("held", 10)];
  const bars = layOut(named("paid", 100), steps, named("bank", 80));
  expect(bars.map(({ low, high }) => [low, high])).toEqual([
    [0, 100],
    [70, 100],
    [70, 80],
    [0, 80],
  ]);
  expect(bars.map(({ kind }) => kind)).toEqual(["total", "out", "in", "total"]);
});
