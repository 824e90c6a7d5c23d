// What a figure of a report is called.
import { t, tCode } from "$lib/shared/words.svelte";

/** The name of `orders`, `between:LINE`, `rate:NAME:did`, `heat:DAY:HOUR`, `hour:CLOCK:PART:HH`. */
export function figureName(figure: string): string {
  const [kind = "", first = "", second = "", third = ""] = figure.split(":");
  if (kind === "between") return tCode("reports.line", first);
  if (kind === "rate") {
    const side = t(second === "did" ? "reports.numerator" : "reports.denominator");
    return `${tCode("reports.rate", first)} · ${side}`;
  }
  if (kind === "heat") {
    return t("pages.rows.heat", { weekday: tCode("reports.weekday", first), hour: second });
  }
  if (kind === "hour") {
    const part = tCode("reports.part", second);
    return t("pages.rows.hour", { clock: tCode("reports.clock", first), part, hour: third });
  }
  return tCode("reports.part", kind);
}
