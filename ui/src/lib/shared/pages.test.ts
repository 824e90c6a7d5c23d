import { expect, it, vi } from "vitest";
import { Pages } from "./pages.svelte";

it("loads page after page until the last", async () => {
  const asked: (string | null)[] = [];
  const pages = new Pages<number>(async (cursor) => {
    asked.push(cursor);
    return cursor === null ? { rows: [1, 2], next: "2" } : { rows: [3], next: null };
  });
  await pages.restart();
  await pages.more();
  await pages.more();
  expect(pages.rows).toEqual([1, 2, 3]);
  expect(pages.done).toBe(true);
  expect(asked).toEqual([null, "2"]);
});

it("does not mix a late answer into a list begun anew", async () => {
  const answers: ((rows: number[]) => void)[] = [];
  const pages = new Pages<number>(
    () =>
      new Promise((resolve) => {
        answers.push((rows) => resolve({ rows, next: null }));
      }),
  );
  const first = pages.restart();
  const second = pages.restart();
  answers[1]?.([2]);
  answers[0]?.([1]);
  await Promise.all([first, second]);
  expect(pages.rows).toEqual([2]);
});

it("keeps what it has when a page fails, and tries again when asked", async () => {
  let fails = true;
  const pages = new Pages<number>(async () => {
    if (fails) throw new Error("busy");
    return { rows: [1], next: null };
  });
  await pages.restart();
  expect(pages.problem).toBeInstanceOf(Error);
  fails = false;
  await pages.more();
  expect(pages.rows).toEqual([1]);
  expect(pages.problem).toBeUndefined();
});

it("shows the rows of before until its own are there, and not for long", async () => {
  const slow: (() => void)[] = [];
  const load = () =>
    new Promise<{ rows: number[]; next: null }>((resolve) => {
      slow.push(() => resolve({ rows: [3], next: null }));
    });
  const pages = new Pages<number>(load, [1, 2]);
  const loaded = pages.restart();
  expect(pages.rows).toEqual([1, 2]);
  slow[0]?.();
  await loaded;
  expect(pages.rows).toEqual([3]);

  vi.useFakeTimers();
  const late = new Pages<number>(load, [1, 2]);
  const begun = late.restart();
  vi.advanceTimersByTime(200);
  expect(late.rows).toEqual([]);
  vi.useRealTimers();
  slow[1]?.();
  await begun;
  expect(late.rows).toEqual([3]);
});
