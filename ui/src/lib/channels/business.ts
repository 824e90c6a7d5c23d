// What is known of a channel's business, from what the book answers about all of it.
import type { ExpectedDay } from "$lib/ipc/types";

/** The first day on which a payout of this channel is expected; undefined when none is. */
export function expectedOf(expected: ExpectedDay[], channel: string): ExpectedDay | undefined {
  return expected.find(({ payouts }) => payouts.some((payout) => payout.channel === channel));
}

/** Channels that the book has files of and nobody asks over the network. */
export function fedByFiles(known: string[], connected: { kind: string }[]): string[] {
  const asked = (code: string) => connected.some(({ kind }) => kind === code);
  return known.filter((code) => paysOut(code) && !asked(code));
}

const SHOPS = ["vendure", "medusa", "woocommerce", "shopify", "shop"];

/** True for a channel that takes money and pays it out; a shop's own system only sells. */
export function paysOut(kind: string): boolean {
  return !SHOPS.includes(kind);
}
