// What a list needs from outside: how the core keeps its views and gives its rows away.

/** A view of a list as the book keeps it. */
export interface View {
  name: string;
  body: string;
}

/** Where views of one list are kept. */
export interface Shelf {
  all: () => Promise<View[]>;
  save: (name: string, body: string) => Promise<unknown>;
  remove: (name: string) => Promise<unknown>;
}

/** What the core does for a list. Ids name the rows picked; null means all of them. */
export interface Desk {
  shelf: Shelf;
  describe: (error: unknown) => { message: string; nextStep: string };
  /** Asks where to save; null when the person thought better of it. */
  choosePath: (suggested: string) => Promise<string | null>;
  /** Rows as tabbed text. */
  textOf: (ids: string[] | null) => Promise<string>;
  /** Writes rows to a path; the answer is how many. */
  saveTo: (ids: string[] | null, path: string) => Promise<number>;
}
