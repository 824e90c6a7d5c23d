// What a list is narrowed to stands in its address: going back, reloading and a new start keep it.
import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import App from "../App.svelte";
import { answer } from "$lib/ipc/stub";

const asked = vi.hoisted(() => [] as Record<string, unknown>[]);
vi.mock("@tauri-apps/api/core", () => ({
  invoke: (command: string, args: Record<string, unknown>) => {
    if (command === "list_payouts" || command === "list_breaks") asked.push(args);
    return answer(command, args);
  },
}));
vi.mock("@tauri-apps/api/event", () => ({ listen: async () => () => undefined }));
vi.mock("@tauri-apps/api/webview", () => ({
  getCurrentWebview: () => ({ onDragDropEvent: async () => () => undefined }),
}));
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 900 });
});
beforeEach(() => (asked.length = 0));
afterEach(cleanup);

async function open(address: string) {
  location.hash = address;
  render(App);
  await waitFor(() => expect(document.querySelector("main [role=row]")).not.toBeNull());
}
const choose = async (value: string) => {
  const chip = document.querySelector(`main [data-value="${value}"]`);
  await fireEvent.click(chip as Element);
};

it("keeps what payouts are narrowed to, there and back", async () => {
  await open("#/payouts");
  await choose("question");
  expect(location.hash).toBe("#/payouts?status=question");
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ filter: { status: "question" } }));
  location.hash = "#/payouts/golden";
  await waitFor(() => expect(document.querySelector("[data-payout=paid]")).not.toBeNull());
  await fireEvent.keyDown(document.body, { key: "Escape" });
  await waitFor(() => expect(location.hash).toBe("#/payouts?status=question"));
});

it("begins with payouts as the address says", async () => {
  await open("#/payouts?status=question&channel=wechat_pay&sort=largest");
  const filter = { status: "question", channel: "wechat_pay", sort: "largest" };
  for (const each of asked) expect(each).toMatchObject({ filter });
});

it("keeps the state of differences beside their kind", async () => {
  await open("#/breaks?kind=payout_short");
  await choose("all");
  expect(location.hash).toBe("#/breaks?kind=payout_short&state=all");
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ state: null, kind: "payout_short" }));
  await choose("open");
  expect(location.hash).toBe("#/breaks?kind=payout_short");
});

it("shows other differences when the address names another kind", async () => {
  await open("#/breaks?state=explained");
  location.hash = "#/breaks?kind=payout_short";
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ state: "open", kind: "payout_short" }));
  expect(screen.getByRole("grid")).toBeTruthy();
});
