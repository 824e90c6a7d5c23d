// Columns of the list of payouts, and their names.
import type { HeadedColumn } from "$lib/shared/columns";

/** Every column, in order. */
export const COLUMNS: HeadedColumn[] = [
  { code: "day", head: "ui.payouts.date", width: "4.625rem", sorts: ["newest", "oldest"] },
  { code: "promised", head: "ui.payouts.promised", width: "4.625rem" },
  { code: "arrived", head: "ui.payouts.arrived", width: "4.625rem" },
  { code: "channel", head: "ui.payouts.channel", width: "minmax(6.5rem, 1fr)" },
  { code: "account", head: "lists.col.account", width: "minmax(6.5rem, 0.8fr)" },
  { code: "number", head: "statements.number", width: "minmax(7rem, 1fr)" },
  { code: "gross", head: "ui.payouts.gross", width: "4.75rem", number: true },
  { code: "taken_off", head: "ui.payouts.taken_off", width: "4.5rem", number: true },
  {
    code: "paid",
    head: "ui.payouts.paid",
    width: "5.25rem",
    number: true,
    sorts: ["largest", "smallest"],
  },
  { code: "unexplained", head: "ui.component.unexplained", width: "4.5rem", number: true },
  { code: "status", head: "ui.payouts.status", width: "5.625rem" },
];

/** Columns shown without a choice: as many as a window of 1024 pixels has room for. */
export const SHOWN = COLUMNS.map(({ code }) => code).filter(
  (code) => !["promised", "account", "number"].includes(code),
);
