// Columns a list can show: which of them, how wide, and in which orders they put the rows.
import type { Key } from "./messages";

/** A column of a list. */
export interface Column {
  code: string;
  /** Its share of the width. */
  width: string;
  number?: boolean;
  /** Orders of the list by this column, the first one first. */
  sorts?: [string, string];
  /** What it is in a file, where that is more than one column or has another name. */
  gives?: string[];
}

/** A column with the key of its head. */
export interface HeadedColumn extends Column {
  head: Key;
}

/** The order of every list until somebody asks for another. */
export const NEWEST = "newest";
/** The order in which what weighs most in a sum comes first. */
export const LARGEST = "largest";

/** The columns with these codes, in their own order. */
export const columnsOf = <C extends Column>(all: readonly C[], codes: string[]): C[] =>
  all.filter(({ code }) => codes.includes(code));

/** The grid they make. */
export const widthsOf = (columns: readonly Column[]): string =>
  columns.map(({ width }) => width).join(" ");

/** Codes with one more or one less, in the order of the list; the last one stays. */
export function toggled(all: readonly Column[], shown: string[], code: string): string[] {
  const wanted = shown.includes(code) ? shown.filter((each) => each !== code) : [...shown, code];
  return wanted.length === 0 ? shown : columnsOf(all, wanted).map((column) => column.code);
}

/** Codes as an address or a saved view has them, by comma; those shown by default without any. */
export function readColumns(all: readonly Column[], text: string | undefined, shown: string[]) {
  const found = columnsOf(all, (text ?? "").split(",")).map(({ code }) => code);
  return found.length > 0 ? found : shown;
}

/** An order as an address or a saved view has it; the newest first where it is none. */
export function readSort(all: readonly Column[], text: string | undefined): string {
  const known = all.flatMap((column) => column.sorts ?? []);
  return text && known.includes(text) ? text : NEWEST;
}

/** Columns of the file that has what is shown. */
export const givenOf = (columns: readonly Column[]): string[] =>
  columns.flatMap(({ code, gives }) => gives ?? [code]);
