// Columns of the list of differences, and their names.
import type { HeadedColumn } from "$lib/shared/columns";

/** Every column, in order. */
export const COLUMNS: HeadedColumn[] = [
  { code: "day", head: "ui.breaks.day", width: "5.5rem", sorts: ["newest", "oldest"] },
  {
    code: "what",
    head: "ui.breaks.what",
    width: "minmax(12rem, 2fr)",
    gives: ["kind", "reason"],
  },
  {
    code: "values",
    head: "ui.breaks.found_expected",
    width: "minmax(8rem, 1.1fr)",
    gives: ["expected", "found"],
  },
  { code: "records", head: "ui.breaks.records", width: "minmax(0, 1.2fr)" },
  {
    code: "effect",
    head: "ui.breaks.effect",
    width: "5.75rem",
    number: true,
    sorts: ["largest", "smallest"],
  },
  { code: "act", head: "ui.breaks.suggested", width: "9.375rem", gives: ["state"] },
];

/** Columns shown without a choice. */
export const SHOWN = COLUMNS.map(({ code }) => code).filter((code) => code !== "records");
