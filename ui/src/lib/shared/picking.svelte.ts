// Which rows of a list somebody picked.

/** Picked rows by id; null when all are, loaded or not. */
export class Picking {
  ids = $state.raw<string[] | null>([]);
  readonly #set = $derived(new Set(this.ids ?? []));
  // Rows that were picked: a list far down no longer has those of its beginning.
  readonly #kept = new Map<string, { id: string }>();
  #alone = $state(false);

  has(id: string): boolean {
    return this.ids === null || this.#set.has(id);
  }

  /** True when anything is picked. */
  get some(): boolean {
    return this.ids === null || this.ids.length > 0;
  }

  /** True while the picked rows are shown by themselves, whose sum one came from. */
  get alone(): boolean {
    return this.#alone && this.given !== null;
  }
  set alone(wanted: boolean) {
    this.#alone = wanted;
  }

  /** The rows to be shown: the picked ones where they are asked for alone, else all. */
  shown<Row extends { id: string }>(rows: Row[]): Row[] {
    if (!this.alone) return rows;
    const here = rows.filter(({ id }) => this.has(id));
    const ids = new Set(here.map(({ id }) => id));
    const gone = (this.ids ?? []).filter((id) => !ids.has(id)).map((id) => this.#kept.get(id));
    return [...here, ...gone.filter((row) => row !== undefined)] as Row[];
  }

  /** What is given away: the ids, or null for the whole list when nothing is picked. */
  get given(): string[] | null {
    return this.ids && this.ids.length > 0 ? this.ids : null;
  }

  all = () => {
    this.ids = null;
    this.#alone = false;
  };

  none = () => {
    this.ids = [];
    this.#kept.clear();
    this.#alone = false;
  };

  /** Picked rows as they are now; one that was asked for and not found is there no more. */
  renew(asked: Iterable<string>, found: Map<string, { id: string }>) {
    for (const id of asked) {
      const row = found.get(id);
      if (!this.#kept.has(id)) continue;
      if (row) this.#kept.set(id, row);
      else this.#kept.delete(id);
    }
  }

  /** Picks `rows`; `loaded` are all rows there, for when everything was picked before. */
  pick(rows: { id: string }[], how: "toggle" | "only" | "add", loaded: { id: string }[]) {
    for (const row of this.ids ? rows : [...loaded, ...rows]) this.#kept.set(row.id, row);
    const before = this.ids ?? loaded.map((row) => row.id);
    const ids = rows.map((row) => row.id);
    if (how === "only") this.ids = ids;
    else if (how === "add") this.ids = [...new Set([...before, ...ids])];
    else {
      const had = new Set(before);
      const kept = before.filter((id) => !ids.includes(id));
      this.ids = [...kept, ...ids.filter((id) => !had.has(id))];
    }
    if (!this.some) this.#alone = false;
  }
}
