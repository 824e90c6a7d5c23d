import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import type { ComponentView, PayoutRow } from "$lib/ipc/types";
import { words } from "$lib/shared/words.svelte";
import ComponentTable from "./ComponentTable.svelte";
import Waterfall from "./Waterfall.svelte";

const cny = (minor: number, major: string) => ({ minor, major, currency: "CNY" });
const row: PayoutRow = {
  id: "golden",
  channel: "wechat_pay",
  accountNo: "1900000109",
  number: "TX1",
  date: "2026-04-15",
  bankDate: "2026-04-15",
  promisedDate: "2026-04-17",
  gross: cny(42998, "429.98"),
  takenOff: cny(-8584, "-85.84"),
  paid: cny(34414, "344.14"),
  unexplained: cny(0, "0.00"),
  status: "explained",
  verdict: "complete",
  seen: null,
};
const components: ComponentView[] = [
  { name: "sales", amount: cny(42998, "429.98"), count: 5 },
  { name: "top_ups", amount: cny(0, "0.00"), count: 0 },
  { name: "refunds", amount: cny(-8584, "-85.84"), count: 1 },
  { name: "unexplained", amount: cny(0, "0.00"), count: 0 },
];

it("says of each bar what it is and how much, and opens its rows by key", async () => {
  words.language = "en";
  const onselect = vi.fn();
  render(Waterfall, { row, components, selected: null, onselect });
  const bars = screen.getByRole("group", { name: /\S/ }).querySelectorAll("[role=button]");
  expect([...bars].map((bar) => bar.getAttribute("aria-label"))).toEqual([
    "Sales Chinese Yuan 429.98",
    "Refunds Chinese Yuan −85.84",
    "Unexplained Chinese Yuan 0.00",
    "Paid Chinese Yuan 344.14",
  ]);
  const refunds = screen.getByRole("button", { name: /Refunds/ });
  await fireEvent.keyDown(refunds, { key: "Enter" });
  expect(onselect).toHaveBeenCalledWith("refunds");
});

it("carries the same figures in its table, with the nothing that is unexplained", () => {
  words.language = "zh";
  render(ComponentTable, { row, components });
  const shown = screen.getAllByRole("row").map((each) => each.textContent?.replace(/\s+/g, " "));
  expect(shown.join("|")).toContain("销售");
  expect(shown.join("|")).toContain("未解释");
  expect(shown.at(-1)).toContain("344.14");
  expect(shown.join("|")).not.toContain("充值");
});
