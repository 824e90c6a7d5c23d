// Names of ledger accounts as people read them; the names in the book stay beside them.
import { tCode } from "./words.svelte";

/** The last part of an account's name in the reader's words: a number stays a number. */
export function nameOf(account: string): string {
  const last = account.split(":").at(-1) ?? account;
  return tCode("ledger.part", last, tCode("ui.channel", last));
}

/** The whole name in the reader's words, without its class. */
export function fullName(account: string): string {
  const parts = account.split(":");
  return parts
    .slice(parts.length > 1 ? 1 : 0)
    .map((part) => nameOf(part))
    .join(" · ");
}
