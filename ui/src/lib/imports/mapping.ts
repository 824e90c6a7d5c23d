// A column mapping in the making. `docs/records/mapping.md` describes its JSON form.

/** What a table's rows become. */
export type Target = "bank" | "orders" | "refunds" | "settlements";

/** How amounts say which way money went. */
export interface AmountStyle {
  style: "signed" | "signed_reversed" | "debit_credit" | "direction";
  debit_is_negative?: boolean;
  inward?: string[];
  outward?: string[];
}

/** The parts of a mapping that the dialog changes; the rest is kept as it came. */
export interface Mapping {
  version: number;
  name: string;
  target: Target;
  columns: Record<string, string>;
  date_formats: string[];
  amount: AmountStyle;
  account: { from: "column" | "constant" | "above"; account_no?: string; label?: string };
  header_line: number;
  sheet?: string | null;
  /** Whose settlements a table tells. */
  channel?: string | null;
  [other: string]: unknown;
}

const BANK = [
  "booked_on",
  "booked_time",
  "amount",
  "debit",
  "credit",
  "direction",
  "balance",
  "account_no",
  "bank_ref",
  "counterparty",
  "memo",
  "currency",
] as const;
const ORDERS = [
  "order_id",
  "ordered_at",
  "paid_at",
  "closed_at",
  "status",
  "amount",
  "currency",
  "channel",
  "goods",
  "buyer",
] as const;
const REFUNDS = ["refund_id", "order_id", "requested_at", "amount", "currency", "status"] as const;

const SETTLEMENTS = [
  "trade_no",
  "traded_at",
  "amount",
  "fee",
  "net",
  "kind",
  "account_no",
  "order_id",
  "refund_id",
  "original_no",
  "underlying",
  "underlying_no",
  "underlying_fee",
  "scene",
  "terminal",
  "status",
  "goods",
  "buyer",
  "memo",
  "currency",
] as const;

/** What a column of each kind of table can hold, the needed ones first. */
export const FIELDS: Record<Target, readonly string[]> = {
  bank: BANK,
  orders: ORDERS,
  refunds: REFUNDS,
  settlements: SETTLEMENTS,
};

/** Fields of which each group needs one; the program asks for the same before it reads. */
function neededBy({ target, amount }: Mapping): string[][] {
  if (target === "orders") return [["order_id"], ["ordered_at", "paid_at"], ["amount"]];
  if (target === "refunds") return [["refund_id"], ["order_id"], ["requested_at"], ["amount"]];
  if (target === "settlements") return [["trade_no"], ["traded_at"], ["fee", "net"], ["amount"]];
  if (amount.style === "debit_credit") return [["booked_on"], ["debit"], ["credit"]];
  if (amount.style === "direction") return [["booked_on"], ["amount"], ["direction"]];
  return [["booked_on"], ["amount"]];
}

/** Groups of fields of which no column has one yet. */
export function missingIn(mapping: Mapping): string[][] {
  const there = Object.values(mapping.columns);
  return neededBy(mapping).filter((group) => !group.some((field) => there.includes(field)));
}

/** Ways dates are written that a person may have to choose between. */
export const DATES = ["", "yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "dd.MM.yyyy", "yyyyMMdd"];

/** A mapping without any column yet. */
export function emptyMapping(target: Target): Mapping {
  return {
    version: 1,
    name: "",
    target,
    columns: {},
    date_formats: [],
    amount: { style: "signed" },
    account: { from: "column" },
    header_line: 1,
  };
}

/** Reads the program's mapping; without one, an empty one for a bank statement. */
export function readMapping(text: string | null): Mapping {
  return text === null ? emptyMapping("bank") : (JSON.parse(text) as Mapping);
}

/** The mapping with `column` meaning `field`; an empty field leaves the column out. */
export function withColumn(mapping: Mapping, column: string, field: string): Mapping {
  // Texts may be joined from several columns; every other field has one.
  const kept = Object.entries(mapping.columns).filter(([header, known]) => {
    return header !== column && (known !== field || ["memo", "terminal"].includes(field));
  });
  const columns = Object.fromEntries(field ? [...kept, [column, field]] : kept);
  return { ...mapping, columns };
}

/** The mapping for another kind of table: columns that mean nothing there are let go. */
export function withTarget(mapping: Mapping, target: Target): Mapping {
  const known = FIELDS[target];
  const kept = Object.entries(mapping.columns).filter(([, field]) => known.includes(field));
  return { ...mapping, target, columns: Object.fromEntries(kept) };
}
