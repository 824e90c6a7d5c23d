// What a card says of a connection: the worst first.
import type {
  CheckedKeysView, ConnectionView, KeysView, StreamView, TroubleView,
} from "$lib/ipc/types";
import type { Tone } from "$lib/shared/Chip.svelte";
import { day } from "$lib/shared/dates";
import { t, tCode, tn, words } from "$lib/shared/words.svelte";

/** A sentence with a tone. */
export interface Told {
  tone: Tone;
  text: string;
}

/** How long keys hold: calm 90 days before their end, a warning at 30, loud at 7. */
export function keysTold(keys: KeysView | undefined): Told {
  if (!keys || keys.daysLeft === null) {
    return { tone: "good", text: t("channels_page.keys_no_end") };
  }
  const until = { day: day(keys.until, words.tag) };
  if (keys.daysLeft < 0) return { tone: "bad", text: t("channels_page.keys_ended", until) };
  if (keys.daysLeft > 90) return { tone: "good", text: t("channels_page.keys_until", until) };
  const tone = keys.daysLeft <= 7 ? "bad" : keys.daysLeft <= 30 ? "warn" : "calm";
  return { tone, text: tn("channels_page.keys_left", keys.daysLeft) };
}

/** The name of a kind: a channel that pays, or a shop's own system. */
export function kindName(code: string): string {
  return tCode("channels_page.kind", code, tCode("ui.channel", code));
}

/** What is wrong, in words, with the channel's own code behind it. */
export function troubleName(code: string, detail: string): string {
  const said = tCode("channels.trouble", code);
  // What is wrong may be a field, which has a name.
  const named = tCode("channels.field", detail, detail);
  return detail ? said + t("channels_page.code", { code: named }) : said;
}

/** The state of a connection in one word or two. */
export function stateTold(connection: ConnectionView): Told {
  const { paused, keysHere, checkCode, checkedAt, troubles, streams } = connection;
  if (paused) return { tone: "calm", text: t("channels_page.paused") };
  if (!keysHere) return { tone: "warn", text: t("channels_page.elsewhere") };
  if (checkCode) return { tone: "bad", text: tCode("channels.trouble", checkCode) };
  const keys = keysTold(connection.keys[0]);
  if (keys.tone === "bad") return keys;
  const first = troubles.find(({ code }) => code !== "not_yet");
  if (first) return { tone: "warn", text: tCode("channels.trouble", first.code) };
  const proven = streams.some(({ whole }) => whole > 0);
  if (checkedAt === null && !proven) {
    return { tone: "calm", text: t("channels_page.unchecked") };
  }
  return { tone: "good", text: t("channels_page.fine") };
}

/** Troubles of the same kind in the same words are told once. */
export interface TroubleGroup {
  first: TroubleView;
  more: number;
}

/** Troubles, grouped by what is wrong. */
export function groupsOf(troubles: TroubleView[]): TroubleGroup[] {
  const groups = new Map<string, TroubleGroup>();
  for (const trouble of troubles) {
    const key = `${trouble.code} ${trouble.detail} ${trouble.stream}`;
    const group = groups.get(key);
    if (group) group.more += 1;
    else groups.set(key, { first: trouble, more: 0 });
  }
  return [...groups.values()];
}

/** How far our clock is off, in words; empty when it is right. */
export function clockTold({ clockOffS }: CheckedKeysView): string {
  if (clockOffS === 0) return "";
  const way = clockOffS > 0 ? "behind" : "ahead";
  return tn(`channels_page.clock_${way}`, Math.abs(clockOffS));
}

/** How many of the remembered asks failed; nothing is claimed where nobody asked. */
export function failedTold({ asked, failed }: StreamView): string {
  return asked === 0
    ? t("channels_page.health_no_data")
    : t("channels_page.health_of", { asked, failed });
}
