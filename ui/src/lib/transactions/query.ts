// What the list of transactions is narrowed to, as the page, the address and a saved view hold it.
import type { TransactionQuery } from "$lib/ipc/types";
import { type Column, NEWEST, readColumns, readSort } from "$lib/shared/columns";

/** Which rows. Payments are those of the trade bills, with what concerns them alone. */
export const SOURCES = ["trade", "payments", "fund"] as const;
/** One of {@link SOURCES}. */
export type Source = (typeof SOURCES)[number];

/** Kinds of rows, by source. */
export const KINDS: Record<Source, readonly string[]> = {
  trade: ["payment", "refund", "revoked"],
  payments: [],
  fund: [
    "payment",
    "payment_fee",
    "refund",
    "refund_fee",
    "refund_closed",
    "split_paid",
    "split_returned",
    "held",
    "released",
    "frozen",
    "unfrozen",
    "account_charge",
    "stored_value",
    "top_up",
    "transfer_out",
    "payout",
    "payout_returned",
    "payout_fee",
    "adjustment",
    "unknown",
  ],
};

/** States a trade-bill row can be in. */
export const STATUSES = ["succeeded", "pending", "failed", "abnormal", "unknown"] as const;

/** Every column, in order. */
export const COLUMNS: Column[] = [
  { code: "time", width: "8.5rem", sorts: ["newest", "oldest"] },
  { code: "channel", width: "minmax(5.75rem, 0.5fr)" },
  { code: "account", width: "7.5rem" },
  { code: "kind", width: "6rem" },
  { code: "status", width: "minmax(5.5rem, 0.8fr)" },
  { code: "scene", width: "minmax(6.5rem, 0.8fr)" },
  { code: "bank", width: "minmax(9.25rem, 0.9fr)" },
  { code: "order", width: "minmax(8rem, 1.2fr)" },
  { code: "payment", width: "minmax(8rem, 1.4fr)" },
  { code: "refund", width: "minmax(7rem, 1.2fr)" },
  { code: "goods", width: "minmax(6rem, 1.3fr)" },
  { code: "total", width: "6.5rem", number: true },
  { code: "amount", width: "6.5rem", number: true, sorts: ["largest", "smallest"] },
  { code: "fee", width: "4.75rem", number: true },
  { code: "back", width: "6.5rem", number: true },
];

/** Columns shown without a choice. */
export const SHOWN: Record<Source, string[]> = {
  trade: ["time", "channel", "kind", "status", "order", "goods", "amount", "fee"],
  payments: ["time", "channel", "scene", "bank", "order", "goods", "amount", "back"],
  fund: ["time", "channel", "kind", "status", "payment", "amount", "total"],
};

/** What the page holds: which rows, the query and the columns shown. */
export interface Shape {
  source: Source;
  query: TransactionQuery;
  columns: string[];
}

const FIELDS = [
  "channel",
  "kind",
  "status",
  "scene",
  "bank",
  "back",
  "from",
  "to",
  "least",
  "most",
  "number",
] as const;

/** How much of a payment was given back. */
export const BACK = ["none", "part", "whole"] as const;

/** Everything of a source, newest first. */
export function everything(source: Source): Shape {
  const query: TransactionQuery = {
    source: source === "fund" ? "fund" : "trade",
    sort: NEWEST,
    channel: null,
    kind: source === "payments" ? "payment" : null,
    scene: null,
    bank: null,
    back: null,
    status: null,
    from: null,
    to: null,
    least: null,
    most: null,
    number: null,
  };
  return { source, query, columns: SHOWN[source] };
}

/** True when something is left out. */
export const isNarrowed = ({ source, query }: Shape) => {
  const own = everything(source).query;
  return FIELDS.some((field) => query[field] !== own[field]);
};

const isSource = (text: string | undefined): text is Source => SOURCES.some((s) => s === text);

/** Reads an address or a saved view; what it does not know it leaves out. */
export function shapeOf(entries: Record<string, string>): Shape {
  const source = isSource(entries["source"]) ? entries["source"] : "trade";
  const shape = everything(source);
  for (const field of FIELDS) shape.query[field] = entries[field] || shape.query[field];
  shape.query.sort = readSort(COLUMNS, entries["sort"]);
  shape.columns = readColumns(COLUMNS, entries["columns"], shape.columns);
  if (source === "payments") shape.query.kind = "payment";
  if (source === "fund") {
    for (const field of ["status", "scene", "bank", "back"] as const) shape.query[field] = null;
  }
  return shape;
}

/** As it stands in an address and in a saved view: only what differs from everything. */
export function entriesOf({ source, query, columns }: Shape): Record<string, string> {
  const own = everything(source).query;
  const entries: Record<string, string> = {};
  if (source !== "trade") entries["source"] = source;
  if (query.sort !== NEWEST) entries["sort"] = query.sort;
  for (const field of FIELDS) {
    const value = query[field];
    if (value && value !== own[field]) entries[field] = value;
  }
  if (columns.join() !== SHOWN[source].join()) entries["columns"] = columns.join();
  return entries;
}
