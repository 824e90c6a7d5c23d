// Which rows of a long list are worth drawing.

/** Half-open span of row numbers. */
export interface Span {
  from: number;
  until: number;
}

/** Rows drawn beyond each edge, so that scrolling shows no gap. */
const SPARE = 6;

/** Rows in sight, with `spare` more on both sides. */
export function visible(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  spare = SPARE,
): Span {
  const first = Math.floor(scrollTop / rowHeight) - spare;
  const last = Math.ceil((scrollTop + height) / rowHeight) + spare;
  return { from: Math.max(0, Math.min(first, count)), until: Math.max(0, Math.min(last, count)) };
}

/** How many rows can be drawn at a time: rows this far apart are never drawn together. */
export function placesFor(height: number, rowHeight: number): number {
  return Math.ceil(height / rowHeight) + 2 * SPARE + 2;
}

/** Where to scroll so that row `index` is in sight; as little as possible. */
export function scrollTo(
  index: number,
  scrollTop: number,
  height: number,
  rowHeight: number,
): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return scrollTop;
}
