// Keys as a person, or a scan gun, presses them in the window: what acts, and what must not.
import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import App from "../App.svelte";
import { answer } from "$lib/ipc/stub";
import { deciding } from "$lib/shared/deciding.svelte";
import { evidenceShown } from "$lib/shared/evidence.svelte";
import { printing } from "$lib/shared/printing.svelte";

const sent = vi.hoisted(() => [] as string[]);
/** Commands that are answered by what a test says instead of by the stub. */
const instead = vi.hoisted(() => new Map<string, () => Promise<unknown>>());
vi.mock("@tauri-apps/api/core", () => ({
  invoke: (command: string, args: Record<string, unknown>) => {
    sent.push(command);
    return instead.get(command)?.() ?? answer(command, args);
  },
}));
vi.mock("@tauri-apps/api/event", () => ({ listen: async () => () => undefined }));
vi.mock("@tauri-apps/api/webview", () => ({
  getCurrentWebview: () => ({ onDragDropEvent: async () => () => undefined }),
}));

/** Longer than a scan gun waits between two signs. */
const REST_MS = 80;
const rest = (ms = REST_MS) => new Promise((resolve) => setTimeout(resolve, ms));
const times = (command: string) => sent.filter((name) => name === command).length;

// A busy machine needs more than the usual second, and than the usual five for a whole page.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
  // jsdom lays nothing out, so a table of drawn rows would be empty.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 900 });
});
beforeEach(() => {
  sent.length = 0;
  instead.clear();
});
afterEach(async () => {
  deciding.close();
  evidenceShown.close();
  printing.close();
  cleanup();
  await rest();
});

async function open(address: string) {
  location.hash = address;
  render(App);
  await waitFor(() => expect(document.querySelector("main h1")).not.toBeNull());
  await rest(300);
}

const down = (key: string, more: KeyboardEventInit = {}, at?: Element) =>
  fireEvent.keyDown(at ?? document.activeElement ?? document.body, { key, ...more });

/** At a hand's pace. */
async function hand(keys: string[], more: KeyboardEventInit = {}) {
  for (const key of keys) {
    await down(key, more);
    await rest();
  }
}
/** As quickly as a scan gun, which ends with Enter. */
async function gun(code: string) {
  for (const key of [...code, "Enter"]) await down(key);
  await rest(200);
}

it("takes a decision by one key at a hand's pace", async () => {
  await open("#/payouts/golden");
  await hand(["a"]);
  await waitFor(() => expect(times("review_payout")).toBe(1));
});

it("goes by two keys, slowly or at once", async () => {
  await open("#/payouts/golden");
  await hand(["g", "d"]);
  expect(location.hash).toBe("#/breaks");
  await down("g");
  await down("p");
  await rest();
  expect(location.hash).toBe("#/payouts");
});

it("looks for what a scan gun types, and decides nothing by its letters", async () => {
  await open("#/payouts/golden");
  await gun("A6FU4021NA");
  expect(times("review_payout")).toBe(0);
  // The hit of the number, not the page that its letters would lead to.
  await waitFor(() => expect(location.hash).toBe("#/transactions?open=2"));
  expect(times("search")).toBe(1);
});

it("goes nowhere and decides nothing by a code too short to be looked for", async () => {
  await open("#/breaks");
  await gun("GPS");
  await gun("WSR");
  expect(location.hash).toBe("#/breaks");
  expect(times("decide")).toBe(0);
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("opens nothing by the Enter at the end of a code", async () => {
  await open("#/payouts");
  await gun("AFU");
  expect(location.hash).toBe("#/payouts");
});

it("decides once however long a key is held", async () => {
  await open("#/payouts/golden");
  await down("a");
  for (let at = 0; at < 5; at += 1) await down("a", { repeat: true });
  await rest();
  expect(times("review_payout")).toBe(1);
});

it("undoes a decision by Ctrl+Z on the page, and a letter in a field", async () => {
  await open("#/transactions");
  await hand(["z"], { ctrlKey: true });
  expect(times("undo_decision")).toBe(1);
  await hand(["k"], { ctrlKey: true });
  const field = (await screen.findByRole("dialog")).querySelector("input") as HTMLInputElement;
  field.focus();
  for (const key of ["z", "a", "c", "v", "x", "y"]) {
    const held = { ctrlKey: true, bubbles: true, cancelable: true };
    const event = new KeyboardEvent("keydown", { key, ...held });
    field.dispatchEvent(event);
    expect(event.defaultPrevented, `Ctrl+${key} belongs to the field`).toBe(false);
  }
  await rest();
  expect(times("undo_decision")).toBe(1);
});

it("leaves a field of the page its keys", async () => {
  await open("#/statements");
  const field = document.createElement("input");
  document.querySelector("main")?.append(field);
  field.focus();
  await hand(["z"], { ctrlKey: true });
  await hand(["z"], { ctrlKey: true, shiftKey: true });
  await hand(["g", "p"]);
  expect(times("undo_decision")).toBe(0);
  expect(location.hash).toBe("#/statements");
});

it.each([
  ["the sheet of keys", () => hand(["?"])],
  ["the line of a file", async () => evidenceShown.show({ document: "1", lineNo: 3 })],
  ["a statement", () => hand(["p"], { ctrlKey: true })],
  ["the tray", () => hand(["j"], { ctrlKey: true })],
  ["search", () => hand(["k"], { ctrlKey: true })],
  ["a note", async () => deciding.ask({ what: "note", id: "b1", kind: "payout_short" })],
])("gives no key to the page under %s; Escape closes it", async (_, show) => {
  await open("#/payouts/golden");
  await show();
  await screen.findByRole("dialog");
  await rest();
  for (const key of ["a", "u", "g", "d"]) {
    await down(key, {}, screen.getByRole("dialog"));
    await rest();
  }
  await down("z", { ctrlKey: true }, screen.getByRole("dialog"));
  expect(times("review_payout") + times("undo_decision")).toBe(0);
  expect(location.hash).toBe("#/payouts/golden");
  await down("Escape", {}, screen.getByRole("dialog"));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  // Closed, not left: the page under it stays where it was, and has its keys again.
  expect(location.hash).toBe("#/payouts/golden");
  await hand(["a"]);
  expect(times("review_payout")).toBe(1);
});

it("classifies by Y only once it is seen what would change", async () => {
  let preview: (value: unknown) => void = () => undefined;
  instead.set("preview_classify", () => new Promise((resolve) => (preview = resolve)));
  await open("#/breaks");
  deciding.ask({ what: "classify", id: "b1" });
  await screen.findByRole("dialog");
  await hand(["y", "o"]);
  expect(times("classify")).toBe(0);
  preview(await answer("preview_classify", {}));
  await screen.findByText("Y");
  await hand(["y"]);
  expect(times("classify")).toBe(1);
});

it("classifies nothing by Y when it cannot be seen what would change", async () => {
  instead.set("preview_classify", () => Promise.reject({ code: "database" }));
  await open("#/breaks");
  deciding.ask({ what: "classify", id: "b1" });
  await screen.findByRole("dialog");
  await rest(200);
  await hand(["y", "o"]);
  expect(times("classify")).toBe(0);
});

it("drops a letter that was meant for what has closed meanwhile", async () => {
  await open("#/payouts/golden");
  await hand(["?"]);
  await down("a", {}, screen.getByRole("dialog"));
  await down("Escape", {}, screen.getByRole("dialog"));
  await rest();
  expect(times("review_payout")).toBe(0);
});

it("chooses files from anywhere by Ctrl+I", async () => {
  await open("#/payouts/golden");
  await hand(["i"], { ctrlKey: true });
  await waitFor(() => expect(times("choose_files")).toBe(1));
  expect(location.hash).toBe("#/import");
  await hand(["i"], { ctrlKey: true });
  await waitFor(() => expect(times("choose_files")).toBe(2));
});

it("says nothing of the network that it does not know", async () => {
  await open("#/payouts/golden");
  await hand(["a"]);
  await waitFor(() => expect(document.querySelector("[data-told]")).not.toBeNull());
  expect(document.querySelector("[data-told]")?.textContent).not.toMatch(/offline|离线/);
});

it("draws larger and smaller by Ctrl, also over a dialog, and remembers it", async () => {
  await open("#/home");
  await hand(["?"]);
  await hand(["=", "+"], { ctrlKey: true });
  expect(await answer("preferences", {})).toHaveProperty("zoom", 125);
  await hand(["-"], { ctrlKey: true });
  expect(await answer("preferences", {})).toHaveProperty("zoom", 110);
  await hand(["0"], { ctrlKey: true });
  expect(await answer("preferences", {})).toHaveProperty("zoom", 100);
});
