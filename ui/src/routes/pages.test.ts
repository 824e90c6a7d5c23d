// Every page as a screen reader meets it: no control without a name, no role without its parts.
import { cleanup, render } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import App from "../App.svelte";
import { answer } from "$lib/ipc/stub";

vi.mock("@tauri-apps/api/core", () => ({
  invoke: (command: string, args: Record<string, unknown>) => answer(command, args),
}));
vi.mock("@tauri-apps/api/event", () => ({ listen: async () => () => undefined }));
vi.mock("@tauri-apps/api/webview", () => ({
  getCurrentWebview: () => ({ onDragDropEvent: async () => () => undefined }),
}));

const PAGES = [
  "home",
  "payouts",
  "payouts/golden?component=sales",
  "orders",
  "orders?owed=1",
  "orders/QZ2026041700000",
  "transactions",
  "transactions?source=fund&kind=payment",
  "transactions?source=payments",
  "transactions?number=NOTHING",
  "transactions?open=4294967296",
  "bank",
  "calendar",
  "ledger",
  "ledger?account=assets:balance",
  "ledger?account=assets:balance&side=debit&to=2026-04-10",
  "reports",
  "reports?tab=bridge",
  "reports?tab=rates",
  "reports?tab=heat",
  "import",
  "import/4",
  "channels",
  "collect",
  "till",
];

const settled = async () => {
  for (let turn = 0; turn < 6; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
};

beforeAll(() => {
  document.title = "Suanpan";
  // jsdom lays nothing out, so a table of drawn rows would be empty.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 900 });
});
afterEach(cleanup);

describe.each(["zh", "en"])("in %s", (language) => {
  it.each(PAGES)("%s can be used without seeing it", async (page) => {
    await answer("save_preferences", { preferences: { language, theme: "light" } });
    location.hash = `#/${page}`;
    const { container } = render(App);
    await settled();
    expect(container.querySelector("main")?.textContent?.trim()).toBeTruthy();
    const found = await axe.run(document, {
      // Colours need a layout; tokens.css keeps them, and screenshots show them.
      rules: { "color-contrast": { enabled: false } },
    });
    const told = found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
    );
    expect(told).toEqual([]);
    // A busy machine needs more than the usual five seconds for a long table.
  }, 30_000);
});
