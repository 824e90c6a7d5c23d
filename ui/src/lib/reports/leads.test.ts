import { expect, it } from "vitest";
import { parseRoute } from "$lib/shared/route.svelte";
import { countHref, lineHref, partHref } from "./leads";

const april = { from: "2026-04-01", to: "2026-04-30" };
const all = { channel: null, currency: null };
const read = (href: string | undefined) => parseRoute(href ?? "");

it("leads from a part of a report to the account that adds up to it", () => {
  expect(read(partHref("paid", "fees", april, { ...all, channel: "alipay" }))).toEqual({
    page: "ledger",
    query: { account: "expenses:channel_fees:alipay", ...april },
  });
  expect(read(partHref("in_bank", "arrived", april, all))).toEqual({
    page: "bank",
    query: { state: "named", ...april },
  });
});

it("leads from what no account is to its rows: orders, hours, lines between two clocks", () => {
  const rows = (figure: string, days = april) => ({
    page: "reports",
    query: { ...days, rows: figure },
  });
  expect(read(partHref("ordered", "orders", april, all))).toEqual(rows("orders"));
  const nine = { name: "2026-04-14 09", from: "2026-04-14", to: "2026-04-14" };
  expect(read(partHref("paid", "sales", nine, all))).toEqual(
    rows("hour:paid:sales:09", { from: nine.from, to: nine.to }),
  );
  expect(read(lineHref("unpaid_orders", april, all))).toEqual(rows("between:unpaid_orders"));
});

it("leads from a count to as many rows", () => {
  expect(read(countHref("settled", { name: "2026-04", ...april }, all))).toEqual({
    page: "transactions",
    query: { source: "fund", kind: "payout,payout_returned", ...april },
  });
});
