// The sheet of keys says what is so: each key on it does something, each key there is is on it.
import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import App from "../App.svelte";
import { answer } from "$lib/ipc/stub";
import { deciding } from "$lib/shared/deciding.svelte";
import { actOf, boundChords } from "$lib/shared/hotkeys.svelte";
import { SHORTCUTS } from "$lib/shared/keys";
import type { Key } from "$lib/shared/messages";

vi.mock("@tauri-apps/api/core", () => ({
  invoke: (command: string, args: Record<string, unknown>) => answer(command, args),
}));
vi.mock("@tauri-apps/api/event", () => ({ listen: async () => () => undefined }));
vi.mock("@tauri-apps/api/webview", () => ({
  getCurrentWebview: () => ({ onDragDropEvent: async () => () => undefined }),
}));

/** Where the keys of each group of the sheet work. */
const PLACES: [address: string, groups: Key[]][] = [
  ["#/home", []],
  ["#/payouts", ["ui.keys.lists", "lists.keys.list"]],
  ["#/payouts/golden", ["ui.keys.payout"]],
  ["#/breaks", ["ui.keys.lists", "lists.keys.list", "ui.keys.differences"]],
  ["#/orders", ["ui.keys.lists", "lists.keys.list", "orders.keys.list"]],
  ["#/orders/QZ2026041700000", ["orders.keys.order"]],
  ["#/transactions", ["ui.keys.lists", "lists.keys.list"]],
  ["#/bank", ["ui.keys.lists", "lists.keys.list", "bank.keys.list"]],
  ["#/calendar", ["calendar.title"]],
  ["#/ledger", []],
  ["#/ledger?account=assets:balance", ["ui.keys.lists", "ledger.keys.list"]],
  ["#/reports", []],
  ["#/import", []],
  ["#/import/4", ["ui.keys.lists"]],
  ["#/channels", []],
  ["#/collect", ["collect.title"]],
  ["#/till", ["till.title"]],
  ["#/statements", ["statements.title"]],
  ["#/companies", []],
  ["#/settings", []],
  ["#/help", []],
];
/** What the focused list or control does itself; every other key is one of the window's. */
const OF_LISTS = ["ArrowDown", "ArrowUp", "Enter", "Space", "Ctrl+A"];
const EVERYWHERE: Key = "ui.keys.everywhere";

const chordsOf = (groups: Key[]) =>
  SHORTCUTS.filter(({ where }) => groups.includes(where)).flatMap(({ chord }) =>
    // Two keys that belong together stand in one line.
    chord === "[ ]" ? ["[", "]"] : [chord],
  );

// A busy machine needs more than the usual second, and than the usual five for a whole page.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 900 });
});
beforeEach(() => {
  deciding.close();
  cleanup();
});
afterEach(cleanup);

async function open(address: string) {
  location.hash = address;
  render(App);
  await waitFor(() => expect(document.querySelector("main h1")).not.toBeNull());
  await new Promise((resolve) => setTimeout(resolve, 300));
}

it("knows where the keys of each of its groups work", () => {
  const placed = new Set<Key>([
    EVERYWHERE,
    "ui.classify.title",
    ...PLACES.flatMap(([, groups]) => groups),
  ]);
  expect(new Set(SHORTCUTS.map(({ where }) => where))).toEqual(placed);
});

describe.each(PLACES)("%s", (address, groups) => {
  it("has the keys of the sheet and no others", async () => {
    await open(address);
    const listed = chordsOf([EVERYWHERE, ...groups]).filter((chord) => !OF_LISTS.includes(chord));
    // Where nothing is open and nothing picked there is nothing to go back from.
    const here = boundChords().filter((chord) => chord !== "Escape");
    expect([...new Set(here)].sort()).toEqual(
      [...new Set(listed.filter((chord) => chord !== "Escape"))].sort(),
    );
  });
});

it("has the keys of a question about a row, and none of the page below", async () => {
  await open("#/breaks");
  deciding.ask({ what: "classify", id: "b1" });
  await screen.findByText("Y");
  const everywhere = ["Ctrl+Plus", "Ctrl+Minus", "Ctrl+0"];
  await waitFor(() =>
    expect(boundChords().sort()).toEqual(
      [...chordsOf(["ui.classify.title"]), ...everywhere].sort(),
    ),
  );
  expect(actOf("A")).toBeUndefined();
});

it("has the keys of lists in the list that has the focus", async () => {
  await open("#/payouts");
  const grid = screen.getByRole("grid");
  grid.focus();
  const down = (key: string, more: KeyboardEventInit = {}) =>
    fireEvent.keyDown(grid, { key, ...more });
  const current = () => grid.getAttribute("aria-activedescendant")?.split("-").at(-1);
  const picked = () => grid.querySelectorAll("[role=row][aria-selected=true]").length;
  await down("Home");
  await down("ArrowDown");
  expect(current()).toBe("1");
  await down("ArrowUp");
  expect(current()).toBe("0");
  await down(" ");
  expect(picked()).toBe(1);
  await down("a", { ctrlKey: true });
  expect(picked()).toBe(grid.querySelectorAll("[role=rowgroup] [role=row]").length);
  await down("Escape");
  expect(picked()).toBe(0);
  await down("Enter");
  await waitFor(() => expect(location.hash).toMatch(/^#\/payouts\/./));
});
