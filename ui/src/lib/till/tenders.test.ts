import { expect, it } from "vitest";
import { asks, blank, fromHex, nonce, notesOf, said, TENDERS, FACTS } from "./tenders";

it("asks of every tender what its receipt needs", () => {
  for (const tender of TENDERS) expect(FACTS[tender]?.length).toBeGreaterThan(1);
  expect(asks("card", "cash")[0]).toEqual({ name: "card", needed: true });
  expect(asks("reversal", "cash")).toEqual([]);
});

it("hands on only what was typed", () => {
  expect(said(asks("receipt", "cash"), { payer: " 李四 ", note: " " })).toEqual([
    { name: "payer", text: "李四" },
  ]);
});

it("writes notes and coins as the core reads them", () => {
  expect(notesOf({ "100.00": "3", "50.00": "", "20.00": "0", "0.50": " 4 " })).toBe(
    "100.00x3 0.50x4",
  );
});

it("gives each press of the button a number of its own", () => {
  expect(nonce()).not.toBe(nonce());
  expect(blank("count", nonce()).nonce).toHaveLength(32);
});

it("reads the bytes of a picture", () => {
  expect([...fromHex("00ff7a")]).toEqual([0, 255, 122]);
});
