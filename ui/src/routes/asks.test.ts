// A list asks the program for its first rows once, however its page comes to be drawn.
import { cleanup, render } from "@testing-library/svelte";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import App from "../App.svelte";
import { answer } from "$lib/ipc/stub";

const asked: string[] = [];
vi.mock("@tauri-apps/api/core", () => ({
  invoke: (command: string, args: Record<string, unknown>) => {
    if (!args["cursor"]) asked.push(command);
    return answer(command, args);
  },
}));
vi.mock("@tauri-apps/api/event", () => ({ listen: async () => () => undefined }));
vi.mock("@tauri-apps/api/webview", () => ({
  getCurrentWebview: () => ({ onDragDropEvent: async () => () => undefined }),
}));

const LISTS = [
  ["payouts", "list_payouts"],
  ["payouts?status=question", "list_payouts"],
  ["breaks", "list_breaks"],
  ["orders", "list_orders"],
  ["transactions", "list_transactions"],
  ["bank", "list_bank_lines"],
] as const;

beforeAll(() => {
  // jsdom lays nothing out, so a table of drawn rows would be empty.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 900 });
});
afterEach(cleanup);

it.each(LISTS)("%s asks for its rows once", async (page, command) => {
  location.hash = "#/help";
  render(App);
  await new Promise((resolve) => setTimeout(resolve, 200));
  asked.length = 0;
  location.hash = `#/${page}`;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(asked.filter((each) => each === command)).toEqual([command]);
});
