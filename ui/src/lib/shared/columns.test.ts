import { expect, it } from "vitest";
import { type Column, givenOf, readColumns, readSort, toggled } from "./columns";

const ALL: Column[] = [
  { code: "day", width: "5rem", sorts: ["newest", "oldest"] },
  { code: "kind", width: "1fr", gives: ["kind", "reason"] },
  { code: "amount", width: "6rem", number: true, sorts: ["largest", "smallest"] },
];

it("keeps the order of the list whatever is ticked first", () => {
  expect(toggled(ALL, ["amount"], "day")).toEqual(["day", "amount"]);
  expect(toggled(ALL, ["day", "amount"], "day")).toEqual(["amount"]);
});

it("never shows a list without columns", () => {
  expect(toggled(ALL, ["kind"], "kind")).toEqual(["kind"]);
  expect(readColumns(ALL, "nothing", ["day"])).toEqual(["day"]);
});

it("reads what an address says and leaves out what it does not know", () => {
  expect(readColumns(ALL, "amount,day,other", ["kind"])).toEqual(["day", "amount"]);
  expect(readSort(ALL, "smallest")).toBe("smallest");
  expect(readSort(ALL, "sideways")).toBe("newest");
});

it("gives away every column that a shown one stands for", () => {
  expect(givenOf(ALL.slice(0, 2))).toEqual(["day", "kind", "reason"]);
});
