// Ways to pay that are recorded by hand: no channel writes a bill of them, nor pays them out.

/** Their codes, in the order pages show them. */
export const BY_HAND = [
  "cash",
  "pos_slip",
  "bank_transfer",
  "corporate_remittance",
  "cheque",
  "prepaid_card",
] as const;

/** True for one of them. */
export const isByHand = (channel: string | null): boolean =>
  BY_HAND.some((code) => code === channel);
