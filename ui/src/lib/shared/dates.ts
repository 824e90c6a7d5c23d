// Days and instants in the channel's zone, UTC+8, whatever zone the computer keeps.
const ZONE = "Asia/Shanghai";
const DAY: Intl.DateTimeFormatOptions = {
  timeZone: ZONE,
  year: "numeric",
  month: "short",
  day: "numeric",
  weekday: "short",
};
const INSTANT: Intl.DateTimeFormatOptions = {
  timeZone: ZONE,
  dateStyle: "medium",
  timeStyle: "short",
};

/** Formatters by language: making one takes as long as drawing a row. */
const days = new Map<string, Intl.DateTimeFormat>();
const instants = new Map<string, Intl.DateTimeFormat>();

function format(
  made: Map<string, Intl.DateTimeFormat>,
  tag: string,
  how: Intl.DateTimeFormatOptions,
  at: Date,
): string {
  const found = made.get(tag) ?? new Intl.DateTimeFormat(tag, how);
  made.set(tag, found);
  return found.format(at);
}

/** `2026-04-15` as a short day with its weekday. Other text is shown as it is. */
export function day(text: string | null, tag: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(text ?? "");
  if (!match) return text ?? "";
  const [, year, month, date] = match;
  const noon = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date), 4));
  return format(days, tag, DAY, noon);
}

/** A wall clock's time; of another day than today its whole day too. */
export function timeOrDay(wall: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(new Date());
  return wall.startsWith(parts) ? wall.slice(11, 16) : wall.slice(0, 16).replace("T", " ");
}

/** An instant, `2026-04-14T23:59:58Z` or the channel's wall clock, as day and time. */
export function instant(text: string | null, tag: string): string {
  if (!text) return "";
  const wall = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?$/.exec(text);
  if (wall) return `${wall[1]} ${wall[2]}`;
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  return format(instants, tag, INSTANT, at);
}
