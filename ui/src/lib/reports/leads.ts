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
    charges: "expenses:account_charges",
    payout_fees: "expenses:payout_fees",
    own_transfers: "equity:own_transfers",
    adjustments: "revenues:adjustments",
  },
};

/** Kinds of balance rows that a part is made of. */
const KINDS: Record<string, Record<string, string>> = {
  booked: {
    payments: "payment,payment_fee",
    refunds: "refund,refund_fee,refund_closed",
    unknown: "unknown",
  },
  settled: { payouts: "payout", returned: "payout_returned" },
};

/** The days a figure is of. */
type Span = Pick<SeriesStep, "from" | "to">;

/** The address behind one part of a step; undefined where only the file of orders knows more. */
export function partHref(
  clock: string,
  part: string,
  step: Span,
  channel: string | null,
): string | undefined {
  const { from, to } = step;
  const account = ACCOUNTS[clock]?.[part];
  if (account) {
    const name = channel ? `${account}:${channel}` : account;
    return hrefOf({ page: "ledger", query: { account: name, from, to } });
  }
  const narrowed = channel ? { channel } : {};
  const kind = KINDS[clock]?.[part];
  if (kind) {
    return hrefOf({ page: "transactions", query: { source: "fund", kind, from, to, ...narrowed } });
  }
  // The clock of the bank counts lines that name a channel, matched or not.
  if (clock === "in_bank") {
    return hrefOf({ page: "bank", query: { from, to, state: "named", ...narrowed } });
  }
  return undefined;
}

/** The address behind the whole figure of a clock: its steps, which add up to it. */
export function clockHref(clock: string, days: Span, channel: string | null): string {
  const narrowed = channel ? { channel } : {};
  return hrefOf({ page: "reports", query: { ...days, clock, grain: "day", ...narrowed } });
}

/** The address behind a line of a bridge that is no figure of an account. */
export function lineHref(name: string, days: Span, channel: string | null): string | undefined {
  return name === "unknown" ? partHref("booked", name, days, channel) : undefined;
}

/** The address behind a whole step: the rows of its days. */
export function stepHref(
  clock: string,
  step: Pick<SeriesStep, "from" | "to">,
  channel: string | null,
): string | undefined {
  const parts: Record<string, string> = {
    settled: "payouts",
    in_bank: "arrived",
  };
  const known = parts[clock];
  if (known) return partHref(clock, known, step, channel);
  if (clock !== "paid" && clock !== "booked") return undefined;
  const narrowed = channel ? { channel } : {};
  const source = clock === "booked" ? "fund" : "trade";
  const { from, to } = step;
  return hrefOf({ page: "transactions", query: { source, from, to, ...narrowed } });
}
