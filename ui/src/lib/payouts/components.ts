// Which bars and table rows a payout shows.
import type { Amount, ComponentView, PayoutRow } from "$lib/ipc/types";

/** Components that say something, and always the unexplained part: its nothing is the point. */
export function barsOf(components: ComponentView[], row: PayoutRow): ComponentView[] {
  const typed = components.filter(({ name, amount, count }) => {
    return name !== "unexplained" && (amount.minor !== 0 || count > 0);
  });
  const named = components.find(({ name }) => name === "unexplained");
  return [...typed, { name: "unexplained", amount: row.unexplained, count: named?.count ?? 0 }];
}

/** The components whose rows the channel took away, for tones only. */
export function tone(amount: Amount): "in" | "out" | "nothing" {
  return amount.minor > 0 ? "in" : amount.minor < 0 ? "out" : "nothing";
}
