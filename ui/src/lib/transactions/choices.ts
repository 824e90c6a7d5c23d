// What the list of transactions can be narrowed to by choosing.
import type { PaymentWords } from "$lib/ipc/types";
import { channelCodes } from "$lib/shared/age.svelte";
import type { Choice } from "$lib/shared/Filters.svelte";
import { tCode } from "$lib/shared/words.svelte";
import { BACK, KINDS, type Source, STATUSES } from "./query";

/** The choices of a source, in the language of the window; of words those the book has. */
export function choicesOf(source: Source, words: PaymentWords): Choice[] {
  const choice = (field: string, stem: string, codes: readonly string[]): Choice => ({
    field,
    codes,
    any: tCode("lists.any", field),
    name: tCode("lists.col", field),
    // A channel's word that has no name of ours is shown as it is.
    nameOf: (code) => tCode(stem, code, code),
  });
  const channel = choice("channel", "ui.channel", channelCodes());
  const status = choice("status", "lists.status", STATUSES);
  if (source === "payments") {
    return [
      channel,
      choice("scene", "lists.scene", words.scenes),
      choice("bank", "lists.bank", words.banks),
      choice("back", "lists.back", BACK),
    ];
  }
  const kind = choice("kind", "lists.kind", KINDS[source]);
  return source === "trade" ? [channel, kind, status] : [channel, kind];
}
