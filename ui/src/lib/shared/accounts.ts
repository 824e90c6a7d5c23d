// Names of ledger accounts as people read them; the names in the book stay beside them.
import { isByHand } from "./byhand";
import { t, tCode } from "./words.svelte";

/** An account of a channel: a till or a terminal says that it is one, a number stays a number. */
export function numberName(channel: string, account: string): string {
  if (account === "" || !isByHand(channel)) return account;
  if (channel === "cash") return t("till.no.cash", { account });
  return t(channel === "pos_slip" ? "till.no.pos_slip" : "till.no.other", { account });
}

/** The last part of an account's name in the reader's words: a number stays a number. */
export function nameOf(account: string): string {
  const [last = account, above = ""] = account.split(":").reverse();
  if (isByHand(above)) return numberName(above, last);
  return tCode("ledger.part", last, tCode("ui.channel", last));
}

/** The whole name in the reader's words, without its class. */
export function fullName(account: string): string {
  const parts = account.split(":");
  const first = parts.length > 1 ? 1 : 0;
  return parts
    .slice(first)
    .map((_, at) => nameOf(parts.slice(0, first + at + 1).join(":")))
    .join(" · ");
}
