import { expect, it } from "vitest";
import { hrefOf, parseRoute } from "./route.svelte";

it("finds its way back to every page", () => {
  const routes = [
    { page: "home" },
    { page: "payouts" },
    { page: "import" },
    { page: "file", document: "12" },
    { page: "breaks", kind: null },
    { page: "breaks", kind: "payout_short" },
    { page: "payout", id: "wechat/1 2", component: "fees" },
    { page: "payout", id: "p1", component: null },
    { page: "ledger", query: { account: "assets:bank:6222 & 1", until: "2026-04-30" } },
    { page: "reports", query: {} },
  ] as const;
  for (const route of routes) expect(parseRoute(hrefOf(route))).toEqual(route);
});

it("goes home from an address it does not know", () => {
  expect(parseRoute("#/nowhere")).toEqual({ page: "home" });
  expect(parseRoute("")).toEqual({ page: "home" });
});
