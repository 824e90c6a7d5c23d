// What the list of transactions can be narrowed to by choosing.
import { channelCodes } from "$lib/shared/age.svelte";
import type { Choice } from "$lib/shared/Filters.svelte";
import { tCode } from "$lib/shared/words.svelte";
import { KINDS, type Source, STATUSES } from "./query";

/** The choices of a source, in the language of the window. */
export function choicesOf(source: Source): Choice[] {
  const choice = (field: string, stem: string, codes: readonly string[]): Choice => ({
    field,
    codes,
    any: tCode("lists.any", field),
    name: tCode("lists.col", field),
    nameOf: (code) => tCode(stem, code),
  });
  return [
    choice("channel", "ui.channel", channelCodes()),
    choice("kind", "lists.kind", KINDS[source]),
    ...(source === "trade" ? [choice("status", "lists.status", STATUSES)] : []),
  ];
}
