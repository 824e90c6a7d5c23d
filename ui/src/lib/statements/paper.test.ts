import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { StatementView } from "$lib/ipc/types";
import { words } from "$lib/shared/words.svelte";
import StatementPaper from "./StatementPaper.svelte";

const cny = (minor: number, major: string) => ({ minor, major, currency: "CNY" });
const said = (change: Partial<StatementView>): StatementView => ({
  company: "青竹文具店",
  number: "TX1",
  days: null,
  channel: "wechat_pay",
  leftOn: "2026-04-15",
  arrivedOn: null,
  total: cny(34414, "344.14"),
  totalWords: "叁佰肆拾肆圆壹角肆分",
  lang: "zh",
  parts: [{ name: "sales", amount: cny(34414, "344.14"), rows: 5 }],
  payouts: [],
  lines: [],
  lineCount: 0,
  notes: [],
  clock: "booked",
  zone: "UTC+08:00",
  verdict: "complete",
  contentHash: "6f1ed002ab559585",
  stateHash: "",
  early: [],
  currencies: [],
  ...change,
});
const shown = () => screen.getByRole("article").textContent.replace(/\s+/g, " ");

it("speaks the language of its file, whatever the window speaks", () => {
  words.language = "en";
  render(StatementPaper, { said: said({}) });
  expect(shown()).toContain("到账对账单");
  expect(shown()).toContain("大写：人民币叁佰肆拾肆圆壹角肆分");
  expect(shown()).toContain("入账·UTC+08:00");
  expect(shown()).not.toMatch(/Sales|Paid out|Clock/);
});

it("says nothing in words where the file says it in figures alone", () => {
  words.language = "zh";
  render(StatementPaper, { said: said({ lang: "en", totalWords: null }) });
  expect(shown()).toContain("Payout statement");
  expect(shown()).not.toMatch(/大写|销售/);
});

it("says that the rest of its lines follows in the file", () => {
  words.language = "en";
  const line = {
    at: "2026-04-14 10:02:11",
    number: "QZ1",
    goods: "",
    gross: cny(100, "1.00"),
    fee: cny(0, "0.00"),
    net: cny(100, "1.00"),
    kind: "payment",
    evidence: "a.csv:7",
  };
  render(StatementPaper, { said: said({ lines: [line], lineCount: 730 }) });
  expect(shown()).toContain("收款");
  expect(shown()).toContain("The first 1 of 730 are shown here; the rest is in the file and on the printed page.");
});
