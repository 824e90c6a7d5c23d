import { expect, it } from "vitest";
import { entriesOf, everything, isNarrowed, shapeOf } from "./query";

it("finds a narrowed list again by its address", () => {
  const shape = everything("trade");
  shape.query.channel = "alipay";
  shape.query.from = "2026-04-01";
  shape.query.sort = "smallest";
  shape.columns = ["time", "amount"];
  expect(shapeOf(entriesOf(shape))).toEqual(shape);
  expect(isNarrowed(shape)).toBe(true);
});

it("says nothing in the address of what is not narrowed", () => {
  expect(entriesOf(everything("trade"))).toEqual({});
  expect(entriesOf(everything("fund"))).toEqual({ source: "fund" });
  expect(entriesOf(everything("payments"))).toEqual({ source: "payments" });
});

it("shows payments only where payments are asked for", () => {
  const shape = shapeOf({ source: "payments", kind: "refund", back: "part" });
  expect(shape.query).toMatchObject({ source: "trade", kind: "payment", back: "part" });
  expect(isNarrowed(shape)).toBe(true);
  expect(shapeOf(entriesOf(shape))).toEqual(shape);
});

it("leaves out what it does not know, and a status where rows have none", () => {
  const address = { source: "fund", sort: "sideways", columns: "x,amount", status: "failed" };
  const shape = shapeOf(address);
  expect(shape.query.sort).toBe("newest");
  expect(shape.columns).toEqual(["amount"]);
  expect(shape.query.status).toBeNull();
});
