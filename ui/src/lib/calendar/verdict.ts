// How verdicts on days look: a shape and a tone each, so that colour alone says nothing.
import type { CertificateView } from "$lib/ipc/types";
import type { Tone } from "$lib/shared/Chip.svelte";
import { t, tCode } from "$lib/shared/words.svelte";

/** What is said of a day. */
export type Verdict = CertificateView["verdict"];

/** Every verdict, the best first. */
export const VERDICTS: Verdict[] = ["complete", "waiting", "incomplete", "contradictory"];

/** The same marks as on chips. */
export const SHAPES: Record<Verdict, string> = {
  complete: "✓",
  waiting: "·",
  incomplete: "?",
  contradictory: "!",
};

export const TONES: Record<Verdict, Tone> = {
  complete: "good",
  waiting: "calm",
  incomplete: "warn",
  contradictory: "bad",
};

/** An account's bill of one kind with its verdicts by day. */
export interface Lane {
  channel: string;
  accountNo: string;
  stream: string;
  days: Map<string, CertificateView>;
}

/** Certificates as lanes, in the order they come. */
export function lanesOf(certificates: CertificateView[]): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const certificate of certificates) {
    const { channel, accountNo, stream, day } = certificate;
    const key = `${channel} ${accountNo} ${stream}`;
    let lane = lanes.get(key);
    if (!lane) lanes.set(key, (lane = { channel, accountNo, stream, days: new Map() }));
    lane.days.set(day, certificate);
  }
  return [...lanes.values()];
}

/** What a check compares, as the file wrote it, with the minus sign of all figures. */
export const checkValue = (text: string | null): string => (text ?? "").replace(/^-/, "−");

/** What a check compares. `sum:收入合计` names a total by the word the file itself uses. */
export function checkName(code: string): string {
  const [kind, ...rest] = code.split(":");
  const word = rest.join(":");
  if (!word) return tCode("calendar.check", code, tCode("ui.import.total", code));
  const named = tCode("ui.import.total", word, "");
  const name = named || word;
  if (kind === "summary") return t("calendar.check_summary", { word: name });
  // Some words say themselves that they count; others are a count in one place, a sum in another.
  if (kind === "count") {
    return /笔数$|count$/.test(word) ? name : t("calendar.check_count", { word: name });
  }
  return named || t("calendar.check_sum", { word });
}
