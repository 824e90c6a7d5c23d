// Where a figure of a report leads: the entries or rows that add up to it.
import type { SeriesStep } from "$lib/ipc/types";
import { hrefOf } from "$lib/shared/route.svelte";

const ACCOUNTS: Record<string, Record<string, string>> = {
  paid: {
    sales: "revenues:sales",
    refunds: "revenues:sales_refunds",
    discounts: "expenses:merchant_discount",
    fees: "expenses:channel_fees",
    fees_returned: "expenses:fees_returned",
  },
  booked: {
    splits: "expenses:commission_split",
    held: "assets:held",
    frozen: "assets:frozen",
    charges: "expenses:account_charges",
    payout_fees: "expenses:payout_fees",
    own_transfers: "equity:own_transfers",
    adjustments: "revenues:adjustments",
    stored_value: "liabilities:stored_value",
  },
};

/** Every kind of balance row that is no payout. */
const MOVED = [
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
  "payout_fee",
  "top_up",
  "transfer_out",
  "adjustment",
  "unknown",
  "stored_value",
].join();

/** Kinds of balance rows that a part is made of. */
const KINDS: Record<string, Record<string, string>> = {
  booked: {
    payments: "payment,payment_fee",
    refunds: "refund,refund_fee,refund_closed",
    unknown: "unknown",
  },
  settled: { payouts: "payout", returned: "payout_returned" },
};

/** Lines of the bridge from order to payment, which no account is. */
const BETWEEN = [
  "unpaid_orders",
  "paid_on_other_days",
  "ordered_on_other_days",
  "without_order",
  "paid_differs",
];

/** The days a figure is of. */
type Span = Pick<SeriesStep, "from" | "to">;
/** What a report is narrowed to besides its days. */
export interface Narrowed {
  channel: string | null;
  currency: string | null;
}

/** The address of the rows behind a figure that no account and no list adds up to. */
export function rowsHref(figure: string, { from, to }: Span, narrowed: Narrowed): string {
  const query: Record<string, string> = { from, to, rows: figure };
  if (narrowed.channel) query["channel"] = narrowed.channel;
  if (narrowed.currency) query["currency"] = narrowed.currency;
  return hrefOf({ page: "reports", query });
}

/** The hour of a step of hours: `2026-04-14 09` is 9. */
const hourOf = (name: string) => /^\d{4}-\d{2}-\d{2} (\d{2})$/.exec(name)?.[1];

/** The address behind the count of a step; undefined where it counts what no list shows. */
export function countHref(
  clock: string,
  step: Pick<SeriesStep, "name" | "from" | "to">,
  narrowed: Narrowed,
): string | undefined {
  if (hourOf(step.name)) return undefined;
  if (clock === "ordered") return rowsHref("orders", step, narrowed);
  const channel: Record<string, string> = narrowed.channel ? { channel: narrowed.channel } : {};
  const { from, to } = step;
  if (clock === "in_bank") {
    return hrefOf({ page: "bank", query: { from, to, state: "named", ...channel } });
  }
  if (clock === "paid") return hrefOf({ page: "transactions", query: { from, to, ...channel } });
  const kind = clock === "settled" ? "payout,payout_returned" : MOVED;
  return hrefOf({ page: "transactions", query: { source: "fund", kind, from, to, ...channel } });
}

/** The address behind one part of a step. */
export function partHref(
  clock: string,
  part: string,
  step: Span & { name?: string },
  narrowed: Narrowed,
): string | undefined {
  const { from, to } = step;
  const { channel } = narrowed;
  const hour = hourOf(step.name ?? "");
  if (hour) return rowsHref(`hour:${clock}:${part}:${hour}`, step, narrowed);
  if (clock === "ordered") return rowsHref("orders", step, narrowed);
  const account = ACCOUNTS[clock]?.[part];
  if (account) {
    const name = channel ? `${account}:${channel}` : account;
    return hrefOf({ page: "ledger", query: { account: name, from, to } });
  }
  const asked = channel ? { channel } : {};
  const kind = KINDS[clock]?.[part];
  if (kind) {
    return hrefOf({ page: "transactions", query: { source: "fund", kind, from, to, ...asked } });
  }
  // The clock of the bank counts lines that name a channel, matched or not.
  if (clock === "in_bank") {
    return hrefOf({ page: "bank", query: { from, to, state: "named", ...asked } });
  }
  return undefined;
}

/** The address behind the whole figure of a clock: its steps, which add up to it. */
export function clockHref(clock: string, days: Span, narrowed: Narrowed): string {
  const asked = Object.entries(narrowed).filter((entry): entry is [string, string] => !!entry[1]);
  const query = { ...days, clock, grain: "day", ...Object.fromEntries(asked) };
  return hrefOf({ page: "reports", query });
}

/** The address behind a line of a bridge that is no figure of an account. */
export function lineHref(name: string, days: Span, narrowed: Narrowed): string | undefined {
  if (BETWEEN.includes(name)) return rowsHref(`between:${name}`, days, narrowed);
  return name === "unknown" ? partHref("booked", name, days, narrowed) : undefined;
}

/** The address behind a whole step: the rows of its days. */
export function stepHref(clock: string, step: SeriesStep, narrowed: Narrowed): string | undefined {
  const parts: Record<string, string> = { settled: "payouts", in_bank: "arrived" };
  const known = parts[clock];
  return known ? partHref(clock, known, step, narrowed) : countHref(clock, step, narrowed);
}
