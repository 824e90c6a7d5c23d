import { expect, it } from "vitest";
import type { ImportFile } from "$lib/ipc/types";
import { needsLook, sortedForReading } from "./report";

const file = (path: string, change: Partial<ImportFile> = {}): ImportFile => ({
  path,
  document: "1",
  kind: "wechat_fund",
  state: "booked",
  rowsRead: 1,
  rowsNew: 1,
  rowsKnown: 0,
  rowsChanged: 0,
  quarantined: 0,
  problems: [],
  totals: [],
  reason: null,
  ...change,
});

it("puts files that need a look before the good and the known ones", () => {
  const files = [
    file("known", { state: "known" }),
    file("good"),
    file("refused", { state: "refused" }),
    file("broken total", {
      totals: [{ name: "sum", expected: "2.00", found: "1.00", holds: false }],
    }),
  ];
  const order = sortedForReading(files).map(({ path }) => path);
  expect(order).toEqual(["refused", "broken total", "good", "known"]);
});

it("wants a look at rows that were set aside", () => {
  expect(needsLook(file("a", { quarantined: 1 }))).toBe(true);
  expect(needsLook(file("a"))).toBe(false);
});
