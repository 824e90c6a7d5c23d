// A list that grows by keyset pages as it is scrolled.
import { untrack } from "svelte";

/** One page: its rows and the cursor of the next; null when this was the last. */
export interface Page<Row> {
  rows: Row[];
  next: string | null;
}

/** So long the rows of before stay on the screen: a list in another order does not flash. */
const SOON_MS = 150;

/** Rows loaded so far and how the loading goes. */
export class Pages<Row> {
  rows = $state.raw<Row[]>([]);
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

  /** Loads the next page, unless one is on its way or there is none. */
  async more() {
    // An effect that asks for rows must not run again because rows are loading.
    if (untrack(() => this.loading || this.done)) return;
    const run = this.#run;
    this.loading = true;
    this.problem = undefined;
    try {
      const page = await this.#load(this.#next);
      if (run !== this.#run) return;
      this.rows = this.#next === null ? page.rows : [...this.rows, ...page.rows];
      this.#next = page.next;
      this.done = page.next === null;
    } catch (error) {
      if (run !== this.#run) return;
      this.problem = error;
      if (this.#next === null) this.rows = [];
    } finally {
      if (run === this.#run) this.loading = false;
    }
  }
}
