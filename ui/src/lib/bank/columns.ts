// Columns of the list of bank lines, and their names.
import type { HeadedColumn } from "$lib/shared/columns";

/** Every column, in order. */
export const COLUMNS: HeadedColumn[] = [
  { code: "day", head: "lists.col.day", width: "5.5rem", sorts: ["newest", "oldest"] },
  { code: "account", head: "pages.bank.account", width: "minmax(6rem, 0.7fr)" },
  { code: "counterparty", head: "bank.counterparty", width: "minmax(7rem, 1.2fr)" },
  { code: "memo", head: "bank.memo", width: "minmax(6rem, 1fr)" },
  {
    code: "amount",
    head: "lists.col.amount",
    width: "7rem",
    number: true,
    sorts: ["largest", "smallest"],
  },
  { code: "balance", head: "bank.balance", width: "7.5rem", number: true },
  { code: "state", head: "lists.col.status", width: "8.5rem" },
  { code: "payout", head: "bank.payout", width: "minmax(8rem, 0.9fr)" },
];

/** Columns shown without a choice. */
export const SHOWN = COLUMNS.map(({ code }) => code).filter((code) => code !== "account");
