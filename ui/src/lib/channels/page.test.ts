import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer } from "$lib/ipc/stub";
import type { SetupInput, StreamView } from "$lib/ipc/types";
import { tCode, words } from "$lib/shared/words.svelte";
import ChannelsPage from "./ChannelsPage.svelte";
import { failedTold } from "./health";

const asked: { command: string; args: Record<string, unknown> }[] = [];
let server = false;
vi.mock("@tauri-apps/api/core", () => ({
  invoke: async (command: string, args: Record<string, unknown>) => {
    asked.push({ command, args });
    if (server && command === "list_connections") return [];
    const told = await answer(command, args);
    return server && command === "book_settings"
      ? { ...(told as object), unlockMethods: [] }
      : told;
  },
}));

vi.mock("@tauri-apps/api/webview", () => ({
  getCurrentWebview: () => ({ onDragDropEvent: async () => () => undefined }),
}));

const STREAM: StreamView = {
  stream: "trade",
  provenUntil: null,
  whole: 0,
  missing: 0,
  wrong: 0,
  atEdge: 0,
  lost: 0,
  backlog: 0,
  asked: 0,
  failed: 0,
  lastFine: null,
  lastFailed: null,
  lastFailedCode: "",
};

const field = (name: string) =>
  document.querySelector<HTMLInputElement>(`.sheet [name="${name}"]`) as HTMLInputElement;

beforeEach(() => {
  words.language = "en";
  server = false;
  asked.length = 0;
});
afterEach(cleanup);

describe("the page of channels", () => {
  it("says of every channel what its money did, asked or fed by files", async () => {
    render(ChannelsPage);
    const asked = await screen.findByRole("article", { name: "青竹咖啡（微信）" });
    await vi.waitFor(() => expect(asked.textContent).toContain("3,104.55"));
    expect(asked.textContent).toContain("overdue");
    const fed = await screen.findByRole("article", { name: "YeePay" });
    expect(fed.textContent).toMatch(/164\.50.*Complete until.*Apr/s);
    expect(screen.queryByRole("article", { name: "WeChat Pay" })).toBeNull();
  });

  it("says how many of the last asks failed and how many days wait", async () => {
    render(ChannelsPage);
    const table = await screen.findByRole("table", { name: "Sync health" });
    const row = [...table.querySelectorAll("tr")].find((row) =>
      row.textContent?.includes("Fund bill (basic account)"),
    );
    expect(row?.textContent).toMatch(/3 of 50\s*11$/);
    expect(failedTold({ ...STREAM, asked: 0, failed: 0 })).toBe("no data");
  });

  it("finds a way to pay by any of its names, and says what nobody confirmed", async () => {
    render(ChannelsPage);
    const table = await screen.findByRole("table", { name: "Ways to pay" });
    await vi.waitFor(() => expect(table.querySelectorAll("tbody tr").length).toBe(4));
    const find = screen.getByRole("searchbox", { name: "Find a way to pay" });
    await fireEvent.input(find, { target: { value: "储蓄" } });
    expect(table.querySelectorAll("tbody tr").length).toBe(1);
    expect(table.textContent).toContain("Debit card");
    await fireEvent.input(find, { target: { value: "yeepay" } });
    expect(table.textContent).toMatch(/whether the fee comes back is not known.*not confirmed: when/s);
    await fireEvent.input(find, { target: { value: "zzz" } });
    expect(table.textContent).toContain("Nothing of that name.");
    const used = screen.getByRole("table", { name: "What your bills call it" });
    expect(used.textContent).toMatch(/月光宝盒\s*1\s*Other/);
  });

  it("does not show what is secret, and forgets it when it is kept", async () => {
    render(ChannelsPage);
    await fireEvent.click(await screen.findByText("Connect a channel"));
    expect(field("api_v3_key").type).toBe("password");
    expect(field("private_key_pem").classList).toContain("veiled");
    for (const name of ["mchid", "appid", "serial_no", "private_key_pem", "api_v3_key"]) {
      await fireEvent.input(field(name), { target: { value: `CANARY-${name}` } });
    }
    await fireEvent.click(screen.getAllByText("Check keys").at(-1) as HTMLElement);
    await screen.findByText(/accepts these keys/);
    expect(document.body.textContent).not.toContain("CANARY");
    await fireEvent.click(screen.getByText("Connect"));
    await vi.waitFor(() => expect(document.querySelector(".sheet")).toBeNull());
    const kept = asked.find(({ command }) => command === "add_connection");
    expect(JSON.stringify(kept?.args["setup"])).toContain("CANARY-api_v3_key");
    expect(document.body.innerHTML).not.toContain("CANARY");
  });

  it("takes the file of a key without ever holding what is in it", async () => {
    render(ChannelsPage);
    await fireEvent.click(await screen.findByText("Connect a channel"));
    await fireEvent.click(screen.getByRole("button", { name: /Choose a file.*private key/ }));
    await screen.findByText("apiclient_key.pem");
    expect(field("private_key_pem")).toBeNull();
    for (const name of ["mchid", "appid", "api_v3_key"]) {
      await fireEvent.input(field(name), { target: { value: `typed-${name}` } });
    }
    await fireEvent.click(screen.getByText("Connect"));
    await vi.waitFor(() => expect(document.querySelector(".sheet")).toBeNull());
    const kept = asked.find(({ command }) => command === "add_connection");
    expect(kept?.args["setup"]).toMatchObject({ files: [["private_key_pem", 1]] });
    expect(asked.some(({ command }) => command === "forget_key_files")).toBe(true);
  });

  it("lets the other keys sign while keys change, and ends the change", async () => {
    render(ChannelsPage);
    await fireEvent.click(await screen.findByText("Sign with this one"));
    await vi.waitFor(() =>
      expect(asked.find(({ command }) => command === "use_keys")?.args).toEqual({ id: 1, keys: 2 }),
    );
    const read = () => asked.filter(({ command }) => command === "list_connections").length;
    await vi.waitFor(() => expect(read()).toBe(2));
    await screen.findByText(/valid until .*May/);
    await fireEvent.click(screen.getByText("Retire"));
    await vi.waitFor(() => expect(asked.some(({ command }) => command === "retire_keys")).toBe(true));
    await vi.waitFor(() => expect(screen.queryByText("Retire")).toBeNull());
  });

  it("takes a key file and its password instead of a key in PEM", async () => {
    render(ChannelsPage);
    await fireEvent.click(await screen.findByText("Connect a channel"));
    await fireEvent.click(await screen.findByRole("radio", { name: "UnionPay" }));
    expect(field("private_key_pem")).toBeTruthy();
    const pick = document.querySelector("[data-pick=pfx]");
    if (!pick) throw new Error("no button for a key file");
    await fireEvent.click(pick);
    await screen.findByText("acp_sign.pfx");
    expect(field("private_key_pem")).toBeNull();
    expect(field("pfx_password").type).toBe("password");
    await fireEvent.input(field("pfx_password"), { target: { value: "CANARY" } });
    for (const name of ["mer_id", "middle_cert_pem", "root_cert_pem"]) {
      await fireEvent.input(field(name), { target: { value: name } });
    }
    await fireEvent.click(screen.getByText("Connect"));
    await vi.waitFor(() => expect(document.querySelector(".sheet")).toBeNull());
    const kept = asked.find(({ command }) => command === "add_connection");
    const setup = kept?.args["setup"] as SetupInput;
    expect(setup.files).toEqual([["pfx", 1]]);
    expect(setup.fields).toContainEqual(["pfx_password", "CANARY"]);
    expect(document.body.innerHTML).not.toContain("CANARY");
  });

  it("calls a channel of the shop's own by the name it gives", async () => {
    render(ChannelsPage);
    await fireEvent.click(await screen.findByLabelText("Own channel 1: name"));
    await fireEvent.input(field("name"), { target: { value: "  Canteen cards " } });
    await fireEvent.click(screen.getByText("Keep the name"));
    await vi.waitFor(() => expect(document.querySelector(".sheet")).toBeNull());
    await screen.findByText("Canteen cards");
    expect(tCode("ui.channel", "own_1")).toBe("Canteen cards");
    expect(tCode("ui.channel", "own_2")).toBe("Own channel 2");
    await fireEvent.click(screen.getByLabelText("Canteen cards: name"));
    await fireEvent.input(field("name"), { target: { value: "" } });
    await fireEvent.click(screen.getByText("Keep the name"));
    await screen.findByText("Own channel 1");
  });

  it("carries this computer's key to another one, where the book is on a server", async () => {
    server = true;
    render(ChannelsPage);
    await screen.findByText("Connect a channel");
    await fireEvent.click(screen.getByText("Carry it to another…"));
    await fireEvent.input(field("passphrase"), { target: { value: "CANARY-horse" } });
    await fireEvent.click(screen.getByText("Choose the file"));
    await screen.findByText("It is written.");
    expect(document.body.innerHTML).not.toContain("CANARY");
    const carried = asked.find(({ command }) => command === "carry_key");
    expect(carried?.args["passphrase"]).toBe("CANARY-horse");
  });

  it("asks before a connection is taken away, and says what stays", async () => {
    render(ChannelsPage);
    await fireEvent.click(await screen.findByLabelText("Green Bamboo Online: more: More"));
    await fireEvent.click(screen.getByText("Disconnect"));
    await screen.findByText(/Bills and entries that came stay/);
    expect(asked.some(({ command }) => command === "remove_connection")).toBe(false);
    await fireEvent.submit(document.querySelector(".sheet form") as HTMLFormElement);
    await vi.waitFor(() =>
      expect(screen.queryByRole("article", { name: "Green Bamboo Online" })).toBeNull(),
    );
  });
});
