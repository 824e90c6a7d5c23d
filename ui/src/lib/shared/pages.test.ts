import { expect, it, vi } from "vitest";
import { PAGE_ROWS, Pages, rowAt } from "./pages.svelte";

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

/** A list of so many numbers, entered with `@n` or behind a number. */
function numbers(count: number) {
  const asked: (string | null)[] = [];
  const pages = new Pages<number>(async (cursor) => {
    asked.push(cursor);
    const from = Number((cursor ?? "0").replace("@", ""));
    const until = Math.min(count, from + PAGE_ROWS);
    const rows = Array.from({ length: Math.max(0, until - from) }, (_, at) => from + at);
    return { rows, next: until < count ? String(until) : null };
  });
  return { pages, asked };
}

it("is entered far from the rows that are here, and goes on from there both ways", async () => {
  const { pages, asked } = numbers(10_000);
  await pages.restart();
  await pages.reach(9_999);
  expect([pages.first, pages.end, pages.done]).toEqual([9_899, 10_000, true]);
  expect([pages.at(9_999), pages.at(0)]).toEqual([9_999, undefined]);
  await pages.reach(9_898);
  expect([pages.first, pages.at(9_701), pages.at(9_899)]).toEqual([9_700, 9_701, 9_899]);
  await pages.reach(5_000);
  expect([pages.first, pages.at(5_000), pages.done]).toEqual([4_900, 5_000, false]);
  await pages.more();
  expect([pages.end, pages.at(5_299)]).toEqual([5_300, 5_299]);
  await pages.reach(5_301);
  expect(pages.end).toBe(5_500);
  await pages.reach(5_000);
  await pages.reach(0);
  expect([pages.first, pages.at(0)]).toEqual([0, 0]);
  expect(asked).toEqual([null, "@9899", "@9700", "@4900", "5100", "5300", null]);
});

it("names the row at an index of the whole list, wherever the rows that are here begin", async () => {
  const { pages } = numbers(1_000);
  await pages.restart();
  await pages.reach(500);
  await pages.more();
  await pages.more();
  // Index 450 is also a place among the rows that are here: of another row.
  expect([pages.first, pages.rows[450]]).toEqual([400, 850]);
  expect([rowAt(pages, 450), rowAt(pages, 100)]).toEqual([450, undefined]);
  expect(rowAt(pages, 1, [7, 8])).toBe(8);
});

it("adds the rows of its beginning once when these are fewer than a page", async () => {
  const { pages } = numbers(1_000);
  await pages.restart();
  await pages.reach(450);
  await pages.reach(349);
  expect([pages.first, pages.rows.length]).toEqual([151, 399]);
  await pages.reach(149);
  expect([pages.first, pages.rows.length]).toEqual([0, 550]);
  expect(pages.rows).toEqual(Array.from({ length: 550 }, (_, at) => at));
});

it("takes a page alone that does not join the rows that are here", async () => {
  // Row 250 is gone since the first page was read: what was row 300 is row 299 now.
  let gone = false;
  const list = () => Array.from({ length: 1_000 }, (_, at) => at).filter((at) => !gone || at !== 250);
  const pages = new Pages<number>(async (cursor) => {
    const rows = list();
    const place = cursor?.startsWith("@") ? Number(cursor.slice(1)) : rows.indexOf(Number(cursor));
    const from = cursor === null ? 0 : place;
    return { rows: rows.slice(from, from + PAGE_ROWS), next: String(rows[from + PAGE_ROWS]) };
  });
  await pages.restart();
  await pages.reach(500);
  expect([pages.first, pages.at(400)]).toEqual([400, 400]);
  gone = true;
  await pages.reach(399);
  await pages.more();
  expect(pages.rows).toEqual(list().slice(pages.first, pages.end));
  expect(new Set(pages.rows).size).toBe(pages.rows.length);
});

it("begins anew when the list has become shorter than the place asked for", async () => {
  const { pages } = numbers(300);
  await pages.restart();
  await pages.reach(5_000);
  await vi.waitFor(() => expect([pages.first, pages.end]).toEqual([0, 200]));
});
