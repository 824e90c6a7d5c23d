import { expect, it } from "vitest";
import { emptyMapping, missingIn, readMapping, withColumn, withTarget } from "./mapping";

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

it("names what is still missing, and one of two where one is enough", () => {
  const orders = { ...emptyMapping("orders"), columns: { A: "order_id", B: "amount" } };
  expect(missingIn(orders)).toEqual([["ordered_at", "paid_at"]]);
  expect(missingIn({ ...orders, columns: { ...orders.columns, C: "paid_at" } })).toEqual([]);
  const bank = { ...emptyMapping("bank"), columns: { A: "booked_on", B: "debit" } };
  expect(missingIn({ ...bank, amount: { style: "debit_credit" } })).toEqual([["credit"]]);
});
