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

/** The address behind one part of a step; undefined where only the file of orders knows more. */
export function partHref(
  clock: string,
  part: string,
  step: Pick<SeriesStep, "from" | "to">,
  channel: string | null,
): string | undefined {
  const { from, to } = step;
  const account = ACCOUNTS[clock]?.[part];
  if (account) {
    const name = channel ? `${account}:${channel}` : account;
    return hrefOf({ page: "ledger", query: { account: name, from, to } });
  }
  if (part === "payments" || part === "refunds" || part === "unknown") {
    const narrowed = channel ? { channel } : {};
    return hrefOf({ page: "transactions", query: { source: "fund", from, to, ...narrowed } });
  }
  if (clock === "settled") {
    const kind = part === "payouts" ? "payout" : "payout_returned";
    const narrowed = channel ? { channel } : {};
    return hrefOf({ page: "transactions", query: { source: "fund", kind, from, to, ...narrowed } });
  }
  if (clock === "in_bank") return hrefOf({ page: "bank", query: { from, to } });
  return undefined;
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
    booked: "payments",
  };
  const known = parts[clock];
  if (known) return partHref(clock, known, step, channel);
  if (clock !== "paid") return undefined;
  const narrowed = channel ? { channel } : {};
  return hrefOf({ page: "transactions", query: { from: step.from, to: step.to, ...narrowed } });
}
