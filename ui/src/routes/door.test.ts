// The door of a book: the other companies of this computer can be reached from it.
import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import App from "../App.svelte";
import { answer } from "$lib/ipc/stub";

const TEA = { place: "/srv/tea.suanpan", company: "茶铺", found: true };
const INK = { place: "/srv/ink.suanpan", company: "墨庄", found: true };
const GONE = { place: "/media/stick/old.suanpan", company: "旧账", found: false };

const desk = vi.hoisted(() => ({
  place: "",
  recent: [] as { place: string; company: string; found: boolean }[],
  chosen: null as string | null,
  asked: [] as string[],
}));
vi.mock("@tauri-apps/api/core", () => ({
  invoke: async (command: string, args: Record<string, unknown>) => {
    desk.asked.push(command);
    if (command === "recent_books") return desk.recent;
    if (command === "create_book") return "7QK4M-2XWTP";
    if (command === "choose_book" || command === "choose_new_book") return desk.chosen;
    if (command === "switch_book") desk.place = String(args["place"]);
    if (command !== "book_status" && command !== "switch_book") return answer(command, args);
    const known = desk.recent.some(({ place }) => place === desk.place);
    const unlockMethods = known ? ["passphrase"] : [];
    return { open: false, company: "", path: desk.place, dataUntil: null, unlockMethods };
  },
}));
vi.mock("@tauri-apps/api/event", () => ({ listen: async () => () => undefined }));
vi.mock("@tauri-apps/api/webview", () => ({
  getCurrentWebview: () => ({ onDragDropEvent: async () => () => undefined }),
}));
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => Object.assign(desk, { recent: [TEA, INK, GONE], chosen: null, asked: [] }));
afterEach(cleanup);

async function stand(place: string) {
  desk.place = place;
  render(App);
  await shown(place);
  await waitFor(() => expect(desk.asked).toContain("recent_books"));
}
const shown = (place: string) =>
  waitFor(() => expect(document.querySelector(".path")?.textContent).toBe(place));
const down = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });

it("names the company of the book, and the others there are", async () => {
  await stand(TEA.place);
  expect((await screen.findByRole("heading", { level: 1 })).textContent).toBe("茶铺");
  await fireEvent.click(await screen.findByText("墨庄"));
  await shown(INK.place);
});

it("goes back by Escape to the book that was open before", async () => {
  await stand(INK.place);
  await screen.findByText("Esc");
  await down("Escape");
  await shown(TEA.place);
  // Where one stands before the book that was open last there is nothing to go back to.
  expect(screen.queryByText("Esc")).toBeNull();
});

it("opens and makes books by Ctrl+O and Ctrl+N", async () => {
  await stand(TEA.place);
  desk.chosen = INK.place;
  await down("o", { ctrlKey: true });
  await shown(INK.place);
  desk.chosen = "/srv/new.suanpan";
  await down("n", { ctrlKey: true });
  await shown("/srv/new.suanpan");
  expect(document.querySelector("#company")).not.toBeNull();
  expect(desk.asked).toEqual(expect.arrayContaining(["choose_book", "choose_new_book"]));
});

it("asks where a book is that is not found any more", async () => {
  await stand(TEA.place);
  await fireEvent.click(await screen.findByText("旧账"));
  await waitFor(() => expect(desk.asked).toContain("choose_book"));
  expect(desk.place).toBe(TEA.place);
});

it("goes to no page by the keys of pages, which nobody sees", async () => {
  location.hash = "#/home";
  await stand(TEA.place);
  document.body.focus();
  for (const key of ["g", "p"]) await fireEvent.keyDown(document.body, { key });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(location.hash).toBe("#/home");
});

it("leads nobody away from a recovery code, which is shown once", async () => {
  await stand("/srv/new.suanpan");
  await screen.findByText("Esc");
  for (const id of ["company", "passphrase", "again"]) {
    const field = document.getElementById(id);
    if (field) await fireEvent.input(field, { target: { value: "tea and ink" } });
  }
  await fireEvent.submit(document.querySelector("form") as HTMLFormElement);
  await screen.findByText("7QK4M-2XWTP");
  expect(screen.queryByText("Esc")).toBeNull();
  desk.asked = [];
  await down("Escape");
  for (const key of ["o", "n"]) await down(key, { ctrlKey: true });
  expect(desk.asked).toEqual([]);
});
