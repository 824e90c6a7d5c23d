import { expect, it } from "vitest";
import { emptyMapping, readMapping, withColumn, withTarget } from "./mapping";

it("gives each field one column, and texts several", () => {
  let mapping = withColumn(emptyMapping("bank"), "A", "amount");
  mapping = withColumn(mapping, "B", "amount");
  expect(mapping.columns).toEqual({ B: "amount" });
  mapping = withColumn(withColumn(mapping, "C", "memo"), "D", "memo");
  expect(mapping.columns).toEqual({ B: "amount", C: "memo", D: "memo" });
  expect(withColumn(mapping, "C", "").columns).toEqual({ B: "amount", D: "memo" });
});

it("lets columns go that mean nothing in another kind of table", () => {
  const bank = { ...emptyMapping("bank"), columns: { A: "amount", B: "balance" } };
  expect(withTarget(bank, "orders").columns).toEqual({ A: "amount" });
});

it("starts from an empty mapping where the program has none", () => {
  expect(readMapping(null).target).toBe("bank");
  expect(readMapping('{"target":"orders","columns":{}}').target).toBe("orders");
});
