import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, expect, it, vi } from "vitest";
import type { SearchHit, SearchView } from "$lib/ipc/types";
import { words } from "$lib/shared/words.svelte";
import { Answers } from "./answers.svelte";
import { type Command, marked, placeOf } from "./choices";
import Palette from "./Palette.svelte";

const asked = vi.hoisted(() => vi.fn<(typed: string, limit: number) => Promise<SearchView>>());
vi.mock("$lib/ipc/client", () => ({ search: asked }));

const hit = (number: string, payout: string | null = null): SearchHit => ({
  id: number,
  payout,
  date: "2026-04-14",
  channel: "wechat_pay",
  title: "钢笔 钛银",
  number,
  amount: { minor: 14000, currency: "CNY", major: "140.00" },
  matched: "number",
  evidence: { document: "1", fileName: "trade.csv", lineNo: 7 },
});
const view = (...hits: SearchHit[]): SearchView => ({
  groups: hits.length ? [{ kind: "payment", hits, more: false }] : [],
});

beforeEach(() => {
  words.language = "zh";
  asked.mockReset();
});

function open(scanned = "") {
  const onopen = vi.fn();
  const onclose = vi.fn();
  const act = vi.fn();
  const dark = { name: "search.command.theme.dark", group: "search.commands", keys: "" } as const;
  const commands: Command[] = [{ ...dark, act }];
  render(Palette, { commands, scanned, onopen, onclose });
  return { onopen, onclose, act, field: screen.getByRole("combobox") };
}

it("opens what the arrows have reached", async () => {
  asked.mockResolvedValue(view(hit("QZ1-4021"), hit("QZ2-4021")));
  const { onopen, onclose, field } = open();
  await fireEvent.input(field, { target: { value: "4021" } });
  await screen.findAllByText("4021");
  await fireEvent.keyDown(field, { key: "ArrowDown" });
  expect(field.getAttribute("aria-activedescendant")).toBe("choice-payment-QZ2-4021");
  expect(screen.getAllByRole("option", { selected: true })).toHaveLength(1);
  await fireEvent.keyDown(field, { key: "Enter" });
  expect(onopen).toHaveBeenCalledWith(
    expect.objectContaining({ number: "QZ2-4021" }),
    "payment",
  );
  expect(onclose).toHaveBeenCalled();
});

it("answers a scan gun that is quicker than the book", async () => {
  asked.mockResolvedValue(view(hit("QZ202604144021")));
  const { onopen, field } = open();
  await fireEvent.input(field, { target: { value: "QZ202604144021" } });
  await fireEvent.keyDown(field, { key: "Enter" });
  await waitFor(() => expect(onopen).toHaveBeenCalledTimes(1));
  expect(asked).toHaveBeenCalledTimes(1);
});

it("opens what was scanned before it was there", async () => {
  asked.mockResolvedValue(view(hit("QZ202604144021", "p1")));
  const { onopen } = open("QZ202604144021");
  await waitFor(() => expect(onopen).toHaveBeenCalledTimes(1));
});

it("does what is called by its name, in either language", async () => {
  asked.mockResolvedValue(view());
  const { act, field } = open();
  await fireEvent.input(field, { target: { value: "dark" } });
  await screen.findByText("没有找到“dark”");
  await fireEvent.keyDown(field, { key: "Enter" });
  expect(act).toHaveBeenCalled();
});

it("drops an answer that comes too late", async () => {
  let late: (view: SearchView) => void = () => undefined;
  asked.mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
  asked.mockResolvedValueOnce(view(hit("NEW")));
  const answers = new Answers();
  answers.ask("1", () => undefined);
  await waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  answers.ask("12", () => undefined);
  await waitFor(() => expect(answers.answered).toBe("12"));
  late(view(hit("OLD")));
  await Promise.resolve();
  expect(answers.view.groups[0]?.hits[0]?.number).toBe("NEW");
});

it("marks the typed part of a number at its end", () => {
  expect(marked("4021-QZ4021", "4021")).toEqual(["4021-QZ", "4021", ""]);
  expect(marked("钢笔 钛银", "笔")).toEqual(["钢", "笔", " 钛银"]);
  expect(marked("钢笔", "gb")).toEqual(["钢笔", "", ""]);
});

it("leads a row to the list it stands in, and an order to what was paid for it", () => {
  const found = hit("QZ1-4021");
  expect(placeOf("payment", found)).toEqual({ open: found.id });
  expect(placeOf("movement", found)).toEqual({ source: "fund", open: found.id });
  expect(placeOf("order", found)).toEqual({ number: "QZ1-4021" });
  expect(placeOf("file", found)).toBeNull();
});
