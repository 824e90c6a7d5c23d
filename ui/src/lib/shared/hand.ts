// Channels that no file and no network tells of: what is taken by hand, at the till.

const BY_HAND = [
  "cash",
  "pos_slip",
  "bank_transfer",
  "corporate_remittance",
  "cheque",
  "prepaid_card",
];

/** True of a channel whose facts somebody takes down. */
export const isByHand = (channel: string | null): boolean => BY_HAND.includes(channel ?? "");
