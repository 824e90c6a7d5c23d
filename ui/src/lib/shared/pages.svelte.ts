// A list that grows by keyset pages as it is scrolled, and that can be entered anywhere.
import { untrack } from "svelte";

/**
 * One page: its rows and the cursor of the next; null when this was the last. A list is entered
 * behind its first n rows with the cursor `@n`.
 */
export interface Page<Row> {
  rows: Row[];
  next: string | null;
}

/** Rows of a page of a long list. */
export const PAGE_ROWS = 200;

/** So long the rows of before stay on the screen: a list in another order does not flash. */
const SOON_MS = 150;

/** What tells a row from another: its id, or a row without one itself. */
const idOf = (row: unknown) => (row as { id?: unknown } | undefined)?.id ?? row;

/** A stretch of a list, without gaps, and how the loading goes. */
export class Pages<Row> {
  rows = $state.raw<Row[]>([]);
  /** Where in the whole list the first of `rows` stands. */
  first = $state(0);
  loading = $state(false);
  problem = $state<unknown>();
  /** True once the last page is in. */
  done = $state(false);

  #next: string | null = null;
  // Answers of an abandoned list must not land in the new one.
  #run = 0;
  readonly #load: (cursor: string | null) => Promise<Page<Row>>;
  #before: Row[];

  /** `before`: rows on the screen until the first page of this list is there. */
  constructor(load: (cursor: string | null) => Promise<Page<Row>>, before: Row[] = []) {
    this.#load = load;
    this.#before = before;
  }

  /** Forgets the rows and loads the first page. */
  async restart() {
    this.#run += 1;
    const before = this.#before;
    this.rows = before;
    this.first = 0;
    this.#before = [];
    this.done = false;
    this.loading = false;
    this.#next = null;
    const gone = setTimeout(() => {
      if (this.rows === before) this.rows = [];
    }, SOON_MS);
    await this.more();
    clearTimeout(gone);
  }

  /** Where the rows end that are here. */
  get end(): number {
    return this.first + this.rows.length;
  }

  /** The row at a place of the whole list, if it is here. */
  at(index: number): Row | undefined {
    return this.rows[index - this.first];
  }

  /** Loads the next page, unless one is on its way or there is none. */
  async more() {
    // An effect that asks for rows must not run again because rows are loading.
    if (untrack(() => this.loading || this.done)) return;
    const next = this.#next;
    await this.#ask(next, (page) => {
      this.rows = next === null ? page.rows : [...this.rows, ...page.rows];
      this.#goOn(page);
    });
    if (next === null && untrack(() => this.problem)) this.rows = [];
  }

  /**
   * Loads the page in which the row at `index` of the whole list stands. Next to the rows that are
   * here it is added to them, elsewhere it takes their place.
   */
  async reach(index: number) {
    const [first, end, loading] = untrack(() => [this.first, this.end, this.loading]);
    if (loading || (index >= first && index < end)) return;
    if (index >= end && index < end + PAGE_ROWS) return this.more();
    // A page before them ends with the first of them, which shows that nothing moved meanwhile.
    const before = index < first && index > first - PAGE_ROWS;
    const from = Math.max(0, before ? first - PAGE_ROWS + 1 : index - PAGE_ROWS / 2);
    await this.#ask(from === 0 ? null : `@${from}`, (page) => {
      const joins = before && idOf(page.rows[first - from]) === idOf(this.rows[0]);
      if (joins) this.rows = [...page.rows.slice(0, first - from), ...this.rows];
      else if (page.rows.length === 0) return void this.restart();
      else {
        this.rows = page.rows;
        this.#goOn(page);
      }
      this.first = from;
    });
  }

  #goOn(page: Page<Row>) {
    this.#next = page.next;
    this.done = page.next === null;
  }

  /** Hands over the page behind `cursor`, unless the list was begun anew meanwhile. */
  async #ask(cursor: string | null, take: (page: Page<Row>) => void) {
    const run = this.#run;
    this.loading = true;
    this.problem = undefined;
    try {
      const page = await this.#load(cursor);
      if (run === this.#run) take(page);
    } catch (error) {
      if (run === this.#run) this.problem = error;
    } finally {
      if (run === this.#run) this.loading = false;
    }
  }
}

/** What a grid is told of where its rows stand. */
export interface Placed {
  first: number;
  count: number;
  list?: unknown;
  onend?: () => void;
  onreach?: (index: number) => void;
}

/** The row at an index of the whole list, or of the rows that are shown alone. */
export function rowAt<Row>(pages: Pages<Row>, index: number, alone?: Row[]): Row | undefined {
  return alone ? alone[index] : pages.at(index);
}

/** The place of the rows of a list of `count`, or of so many rows that are shown alone. */
export function placed<Row>(pages: Pages<Row>, count: number, alone?: number): Placed {
  if (alone !== undefined) return { first: 0, count: alone };
  return {
    first: pages.first,
    count: pages.done ? pages.end : count,
    list: pages,
    onend: () => void pages.more(),
    onreach: (index) => void pages.reach(index),
  };
}
