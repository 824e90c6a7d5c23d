// What the table of ways to pay says of each.
import type { TenderView } from "$lib/ipc/types";
import { t, tCode, words } from "$lib/shared/words.svelte";

/** Its name: the one the shop gave it, else the usual one. */
export function nameOf({ code, name }: TenderView): string {
  return name ?? tCode("tender", code);
}

/** Those that have the words somewhere: in their name, their other names, or how they are told. */
export function matching(tenders: TenderView[], asked: string): TenderView[] {
  const wanted = asked.trim().toLowerCase();
  return tenders.filter((tender) => {
    const { code, kind, aliases, files, account } = tender;
    const said = [code, nameOf(tender), tCode("tender.kind", kind), ...aliases, ...files, account];
    return said.join("\n").toLowerCase().includes(wanted);
  });
}

/** What is known of its refunds. Nothing is said of what goes with another channel. */
export function refundTold({ refundDays, returnsFee, fee, back }: TenderView): string[] {
  const said: string[] = [];
  if (refundDays !== null) said.push(t("tenders.window", { days: refundDays }));
  if (["carrying", "none"].includes(fee) || back === "never") return said;
  const way = returnsFee === null ? "unknown" : returnsFee ? "back" : "kept";
  return [...said, t(`tenders.fee.${way}`)];
}

/** Which of its values nobody confirmed. */
export function waitsTold({ unconfirmed }: TenderView): string {
  const names = unconfirmed.map((field) => tCode("tender.field", field));
  return t("tenders.unconfirmed", { fields: names.join(words.language === "zh" ? "、" : ", ") });
}
