// Spans of days people ask for, counted back from the last day the book knows.

/** How a day is written, in any language. */
export const DAY = "2026-04-15";

/** First and last day, both inside; empty for no bound. */
export interface Days {
  from: string;
  to: string;
}

/** Names of the ready-made spans. */
export const SPANS = ["all", "week", "month", "last_month", "quarter", "year"] as const;
/** One of {@link SPANS}. */
export type SpanName = (typeof SPANS)[number];

const iso = (date: Date) => date.toISOString().slice(0, 10);
const at = (year: number, month: number, day: number) => new Date(Date.UTC(year, month, day));

/** The days of a ready-made span that ends with `last`, `YYYY-MM-DD`. */
export function daysOf(span: SpanName, last: string): Days {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(last);
  if (span === "all" || !match) return { from: "", to: "" };
  const [year, month, date] = [Number(match[1]), Number(match[2]) - 1, Number(match[3])];
  switch (span) {
    case "week":
      return { from: iso(at(year, month, date - 6)), to: last };
    case "month":
      return { from: iso(at(year, month, 1)), to: last };
    case "last_month":
      return { from: iso(at(year, month - 1, 1)), to: iso(at(year, month, 0)) };
    case "quarter":
      return { from: iso(at(year, month - (month % 3), 1)), to: last };
    case "year":
      return { from: iso(at(year, 0, 1)), to: last };
  }
}

/** The name of the span these days are, if they are one. */
export function spanOf(days: Days, last: string): SpanName | undefined {
  return SPANS.find((span) => {
    const known = daysOf(span, last);
    return known.from === days.from && known.to === days.to;
  });
}

/** True for text that is a day of the calendar. */
export function isDay(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  return iso(at(Number(match[1]), Number(match[2]) - 1, Number(match[3]))) === text;
}

/** The month before or after, `YYYY-MM`. */
export function monthBeside(month: string, step: number): string {
  const [year, number] = month.split("-").map(Number);
  return iso(at(year ?? 1970, (number ?? 1) - 1 + step, 1)).slice(0, 7);
}

/** Every day of a month, `YYYY-MM-DD`. */
export function daysIn(month: string): string[] {
  const [year, number] = month.split("-").map(Number);
  const count = at(year ?? 1970, number ?? 1, 0).getUTCDate();
  return Array.from({ length: count }, (_, day) => `${month}-${String(day + 1).padStart(2, "0")}`);
}

/** 0 for Monday. */
export function weekdayOf(day: string): number {
  const [year, month, date] = day.split("-").map(Number);
  return (at(year ?? 1970, (month ?? 1) - 1, date ?? 1).getUTCDay() + 6) % 7;
}
