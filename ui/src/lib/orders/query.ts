// What the list of orders is narrowed to, as the page, the address and a saved view hold it.
import type { OrderQuery } from "$lib/ipc/types";
import { channelCodes } from "$lib/shared/age.svelte";
import type { Choice } from "$lib/shared/Filters.svelte";
import { type HeadedColumn, NEWEST, readSort } from "$lib/shared/columns";
import { t, tCode } from "$lib/shared/words.svelte";

/** States of an order, as the shop says. */
export const STATUSES = ["unpaid", "paid", "closed", "canceled", "refunded", "unknown"] as const;
/** Which orders, at one press. */
export const WHICH = ["all", "unpaid", "owed", "bill"] as const;
/** One of {@link WHICH}. */
export type Which = (typeof WHICH)[number];

/** Every column, in order. */
export const COLUMNS: HeadedColumn[] = [
  { code: "time", head: "orders.col.time", width: "8.5rem", sorts: ["newest", "oldest"] },
  { code: "order", head: "lists.col.order", width: "minmax(7rem, 1fr)" },
  { code: "source", head: "orders.col.source", width: "5rem" },
  { code: "status", head: "orders.col.status", width: "6rem" },
  { code: "words", head: "orders.col.words", width: "minmax(6rem, 0.7fr)" },
  { code: "channel", head: "lists.col.channel", width: "5rem" },
  { code: "goods", head: "lists.col.goods", width: "minmax(4rem, 1.2fr)" },
  { code: "buyer", head: "orders.col.buyer", width: "minmax(6rem, 0.8fr)" },
  {
    code: "amount",
    head: "orders.col.amount",
    width: "6.25rem",
    number: true,
    sorts: ["largest", "smallest"],
  },
  { code: "paid", head: "orders.col.paid", width: "6rem", number: true },
  { code: "refunded", head: "orders.col.refunded", width: "5.5rem", number: true },
  { code: "owed", head: "orders.col.owed", width: "6rem", number: true },
];

/** Columns shown without a choice. */
export const SHOWN = COLUMNS.map(({ code }) => code).filter(
  (code) => !["source", "words", "buyer"].includes(code),
);

const FIELDS = ["source", "status", "channel", "from", "to", "least", "most", "number"] as const;

/** The query of an address or of a saved view; what it does not know it leaves out. */
export function queryOf(entries: Record<string, string>): OrderQuery {
  const query: OrderQuery = {
    source: null,
    status: null,
    channel: null,
    from: null,
    to: null,
    least: null,
    most: null,
    number: null,
    owed: entries["owed"] === "1",
    sort: readSort(COLUMNS, entries["sort"]),
  };
  for (const field of FIELDS) query[field] = entries[field] || null;
  return query;
}

/** As it stands in an address and in a saved view: only what differs from everything. */
export function entriesOf(query: OrderQuery, columns: string[]): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const field of FIELDS) {
    const value = query[field];
    if (value) entries[field] = value;
  }
  if (query.owed) entries["owed"] = "1";
  if (query.sort !== NEWEST) entries["sort"] = query.sort;
  if (columns.join() !== SHOWN.join()) entries["columns"] = columns.join();
  return entries;
}

/** True when something is left out. */
export const isNarrowed = (query: OrderQuery) => query.owed || FIELDS.some((field) => query[field]);

/** Which of the quick choices the query is. */
export function whichOf(query: OrderQuery): Which {
  if (query.owed) return "owed";
  if (query.source === "bill") return "bill";
  return query.status === "unpaid" ? "unpaid" : "all";
}

/** What a quick choice changes. */
export function changeTo(which: Which): Partial<OrderQuery> {
  return {
    owed: which === "owed",
    source: which === "bill" ? "bill" : null,
    status: which === "unpaid" ? "unpaid" : null,
  };
}

/** What can be chosen, in the language of the window. */
export const choicesOf = (): Choice[] => [
  {
    field: "status",
    any: t("orders.any.status"),
    name: t("orders.col.status"),
    codes: STATUSES,
    nameOf: (code) => tCode("orders.status", code),
  },
  {
    field: "channel",
    any: t("lists.any.channel"),
    name: t("lists.col.channel"),
    codes: channelCodes(),
    nameOf: (code) => tCode("ui.channel", code),
  },
];
