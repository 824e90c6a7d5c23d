// A list that grows by keyset pages as it is scrolled.
import { untrack } from "svelte";

/** One page: its rows and the cursor of the next; null when this was the last. */
export interface Page<Row> {
  rows: Row[];
  next: string | null;
}

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

  constructor(load: (cursor: string | null) => Promise<Page<Row>>) {
    this.#load = load;
  }

  /** Forgets the rows and loads the first page. */
  async restart() {
    this.#run += 1;
    this.rows = [];
    this.done = false;
    this.loading = false;
    this.#next = null;
    await this.more();
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
      this.rows = [...this.rows, ...page.rows];
      this.#next = page.next;
      this.done = page.next === null;
    } catch (error) {
      if (run === this.#run) this.problem = error;
    } finally {
      if (run === this.#run) this.loading = false;
    }
  }
}
