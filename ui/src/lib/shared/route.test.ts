import { expect, it } from "vitest";
import { changed, hrefOf, parseRoute, router } from "./route.svelte";

it("finds its way back to every page", () => {
  const routes = [
    { page: "home" },
    { page: "payouts", query: {} },
    { page: "payouts", query: { status: "question", channel: "alipay" } },
    { page: "import" },
    { page: "file", document: "12" },
    { page: "breaks", query: {} },
    { page: "breaks", query: { kind: "payout_short", state: "all" } },
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

it("leaves out of an address what narrows nothing", () => {
  const query = changed({ kind: "refund", sort: "largest" }, { kind: null, state: "open" });
  expect(query).toEqual({ sort: "largest", state: "open" });
  expect(changed(query, { state: "all" }, { sort: "largest" })).toEqual({ state: "all" });
});

it("goes back to a list as it was left, in the same book", () => {
  location.hash = "#/payouts?status=question";
  const stop = router.start();
  router.narrow("payouts", { status: "question", channel: "alipay" });
  expect(hrefOf(router.list("payouts"))).toBe("#/payouts?status=question&channel=alipay");
  expect(hrefOf(router.list("orders"))).toBe("#/orders");
  router.forget();
  expect(hrefOf(router.list("payouts"))).toBe("#/payouts");
  stop();
});
