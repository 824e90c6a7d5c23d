// When channels are asked next by themselves, in words.
import type { BookSettings, ConnectionView } from "$lib/ipc/types";
import { instant } from "$lib/shared/dates";
import { t, words } from "$lib/shared/words.svelte";

/** The connection that is asked first; times are written so that the order of letters is theirs. */
export function firstAsked(connections: ConnectionView[]): ConnectionView | undefined {
  const asked = connections.filter(({ nextAt }) => nextAt !== null);
  return asked.sort((a, b) => ((a.nextAt ?? "") < (b.nextAt ?? "") ? -1 : 1))[0];
}

/** True when no connection could be asked for want of a network. */
export function isOffline(connections: ConnectionView[]): boolean {
  const asked = connections.filter(({ paused }) => !paused);
  return asked.length > 0 && asked.every(({ offline }) => offline);
}

/** When it is next, or what it waits for; nothing while it is off or nobody is to be asked. */
export function nextTold(
  settings: Pick<BookSettings, "fetches" | "fetchesMetered" | "metered">,
  connections: ConnectionView[],
): { text: string; held: boolean } | undefined {
  const first = firstAsked(connections);
  if (!settings.fetches || !first) return undefined;
  if (settings.metered && !settings.fetchesMetered) {
    return { text: t("channels_page.itself_metered"), held: true };
  }
  const at = instant(first.nextAt, words.tag);
  if (isOffline(connections)) {
    return { text: t("channels_page.itself_offline", { at }), held: true };
  }
  return { text: t("channels_page.itself_next", { at }), held: false };
}
