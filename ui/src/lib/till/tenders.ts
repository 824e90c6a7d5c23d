// What is asked of each way to pay by hand, and how a record looks.
import type { TillFact, TillInput } from "$lib/ipc/types";
import { numberName } from "$lib/shared/accounts";
import { BY_HAND } from "$lib/shared/byhand";
import type { Tone } from "$lib/shared/Chip.svelte";
import { t, tCode } from "$lib/shared/words.svelte";

/** Ways to pay, in the order pages show them. */
export const TENDERS = BY_HAND;

/** The till or account that stands where nobody names one. */
export const FIRST = "1";

/** A fact a form asks for; its words are `till.fact.<name>`. */
export interface Asked {
  name: string;
  needed?: boolean;
}

/** What a receipt says of each tender beside its amount. */
export const FACTS: Record<string, Asked[]> = {
  cash: [{ name: "payer" }, { name: "note" }],
  pos_slip: [
    { name: "batch", needed: true },
    { name: "last4", needed: true },
    { name: "authorization" },
    { name: "reference" },
    { name: "bank" },
    { name: "note" },
  ],
  bank_transfer: [{ name: "payer", needed: true }, { name: "bank_ref" }, { name: "note" }],
  corporate_remittance: [{ name: "payer", needed: true }, { name: "bank_ref" }, { name: "note" }],
  cheque: [
    { name: "cheque_no", needed: true },
    { name: "bank", needed: true },
    { name: "due" },
    { name: "payer" },
    { name: "note" },
  ],
  prepaid_card: [{ name: "card", needed: true }, { name: "note" }],
};

/** What a form asks for by what is recorded. */
export function asks(act: string, tender: string): Asked[] {
  if (act === "receipt") return FACTS[tender] ?? [];
  if (act === "card") return [{ name: "card", needed: true }, ...(FACTS[tender] ?? [])];
  if (act === "breakage") return [{ name: "card", needed: true }];
  if (act === "batch") return [{ name: "batch", needed: true }, { name: "fee" }];
  if (act === "drop") return [{ name: "bank_ref" }, { name: "note" }];
  if (act === "float" || act === "take") return [{ name: "note" }];
  return [];
}

/** Acts that bring money in, and acts that take it out; the rest moves none, or moves it on. */
export const INWARD = ["receipt", "card", "float"];
export const OUTWARD = ["refund", "take", "drop"];

/** Where money of a tender lies: which till, which terminal, which account if one was named. */
export function placeName(tender: string, account: string): string {
  const channel = tCode("ui.channel", tender);
  const several = tender === "cash" || tender === "pos_slip" || account !== FIRST;
  return several ? t("till.place", { channel, account: numberName(tender, account) }) : channel;
}

/** True for what follows from the record it is about. */
export const isAbout = (act: string) =>
  ["refund", "deposit", "bounce", "reversal"].includes(act);

/** What may be typed as an amount; a cheque, a batch and a taking back have theirs. */
export const asksAmount = (act: string) =>
  !["deposit", "bounce", "reversal", "batch", "count"].includes(act);

/** What nobody records without saying why. */
export const needsReason = (act: string) =>
  ["bounce", "reversal", "breakage"].includes(act);

/** The tone of a state; the word beside it says the state itself. */
export const STATE_TONE: Record<string, Tone> = {
  done: "good",
  in_hand: "calm",
  on_its_way: "calm",
  arrived: "good",
  bounced: "bad",
  partly_back: "warn",
  given_back: "calm",
  taken_back: "calm",
  in_file: "good",
};

/** Facts that were typed, by name. */
export function said(asked: Asked[], typed: Record<string, string>): TillFact[] {
  return asked
    .map(({ name }) => ({ name, text: (typed[name] ?? "").trim() }))
    .filter(({ text }) => text !== "");
}

/** An input with nothing said yet. */
export function blank(act: string, nonce: string): TillInput {
  return {
    nonce,
    act,
    tender: null,
    account: "",
    amount: "",
    at: "",
    order: "",
    of: "",
    reason: "",
    facts: [],
  };
}

/** Pieces as the core reads them: `100.00x3 0.50x2`. */
export function notesOf(pieces: Record<string, string>): string {
  return Object.entries(pieces)
    .map(([worth, count]) => [worth, count.trim()])
    .filter(([, count]) => count !== "" && count !== "0")
    .map(([worth, count]) => `${worth}x${count}`)
    .join(" ");
}

/** A number of one press of the button, so that a second press records nothing twice. */
export function nonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Bytes of a picture as the program hands them over. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
}
