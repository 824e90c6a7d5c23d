import { expect, it, vi } from "vitest";
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

it("opens the page of a link at once and of a step back, and leaves other clicks alone", async () => {
  location.hash = "#/home";
  const stop = router.start();
  const link = document.createElement("a");
  document.body.append(link);
  const click = (how: MouseEventInit = {}) => {
    const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...how });
    link.dispatchEvent(event);
    return event.defaultPrevented;
  };
  link.href = "#/payouts/7";
  expect(click()).toBe(true);
  expect(router.current).toEqual({ page: "payout", id: "7", component: null });
  const steps = history.length;
  click();
  expect(history.length).toBe(steps);
  link.href = "#/orders";
  expect(click({ ctrlKey: true })).toBe(false);
  link.href = "#lines";
  expect(click()).toBe(false);
  link.href = "#/bank";
  link.addEventListener("click", (event) => event.preventDefault(), { once: true });
  click();
  expect(router.current.page).toBe("payout");
  history.back();
  await vi.waitFor(() => expect(router.current.page).toBe("home"));
  stop();
  link.remove();
});

it("opens a page also where the web view refuses another step", async () => {
  const stop = router.start();
  const refused = () => {
    throw new DOMException("too often", "SecurityError");
  };
  vi.spyOn(history, "pushState").mockImplementationOnce(refused);
  router.visit("#/orders");
  await vi.waitFor(() => expect(router.current.page).toBe("orders"));
  vi.spyOn(history, "replaceState").mockImplementationOnce(refused);
  router.narrow("orders", { state: "open" });
  expect(router.list("orders")).toEqual({ page: "orders", query: { state: "open" } });
  stop();
});
