import { render } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { ExpectedDay, MoneyMap as Map } from "$lib/ipc/types";
import { words } from "$lib/shared/words.svelte";
import Expected from "./Expected.svelte";
import MoneyMap from "./MoneyMap.svelte";

const cny = (minor: number, major: string) => ({ minor, major, currency: "CNY" });
const day = (date: string, standing: string): ExpectedDay => ({
  date,
  standing,
  amounts: [cny(100, "1.00")],
  payouts: [{ id: date, channel: "alipay", number: "1", amount: cny(100, "1.00") }],
});

it("tells what is overdue from what is expected this week", () => {
  words.language = "en";
  const days = [day("2026-04-10", "overdue"), day("2026-04-20", "week")];
  const { container } = render(Expected, { days });
  const standings = [...container.querySelectorAll<HTMLElement>("[data-standing]")];
  expect(standings.map(({ dataset }) => dataset["standing"])).toEqual(["overdue", "week"]);
  expect(standings[0]?.textContent).toContain("Apr 10");
  expect(standings[1]?.textContent).toContain("Apr 20");
  expect(standings[1]?.textContent).not.toContain("Apr 10");
});

it("says so when nothing is promised for this week", () => {
  words.language = "en";
  const { container } = render(Expected, { days: [day("2026-04-10", "due")] });
  expect(container.textContent).toContain("Nothing is expected in the next seven days");
});

it("leads from each place and from the whole to the accounts that make it", () => {
  words.language = "en";
  const now: Map = {
    nodes: [
      { node: "available", amounts: [cny(-100, "-1.00")] },
      { node: "bank", amounts: [cny(300, "3.00")] },
      { node: "unclear", amounts: [cny(-100, "-1.00")] },
    ],
    total: [cny(200, "2.00")],
  };
  const { container } = render(MoneyMap, { now, onday: () => undefined });
  const hrefs = [...container.querySelectorAll("a")].map((lead) => lead.getAttribute("href"));
  expect(hrefs).toEqual([
    "#/ledger?account=assets",
    "#/ledger?account=assets%3Abalance",
    // What is below zero in the books leads to what may be missing.
    "#/breaks",
    "#/ledger?account=assets%3Abank",
    "#/ledger?account=equity%3Asuspense",
  ]);
});
