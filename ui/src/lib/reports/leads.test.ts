import { expect, it } from "vitest";
import { parseRoute } from "$lib/shared/route.svelte";
import { partHref, stepHref } from "./leads";

const april = { from: "2026-04-01", to: "2026-04-30" };

it("leads from a part of a report to the account that adds up to it", () => {
  expect(parseRoute(partHref("paid", "fees", april, "alipay") ?? "")).toEqual({
    page: "ledger",
    query: { account: "expenses:channel_fees:alipay", ...april },
  });
  expect(parseRoute(partHref("in_bank", "arrived", april, null) ?? "")).toEqual({
    page: "bank",
    query: { state: "named", ...april },
  });
});

it("leads from a step to its rows, and nowhere from orders, which have no list", () => {
  expect(parseRoute(stepHref("settled", april, null) ?? "")).toEqual({
    page: "transactions",
    query: { source: "fund", kind: "payout", ...april },
  });
  expect(stepHref("ordered", april, null)).toBeUndefined();
});
