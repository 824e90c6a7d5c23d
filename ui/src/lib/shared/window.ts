// Which rows of a long list are worth drawing.

/** Half-open span of row numbers. */
export interface Span {
  from: number;
  until: number;
}

/** Rows in sight, with `spare` more on both sides so that scrolling shows no gap. */
export function visible(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  spare = 6,
): Span {
  const first = Math.floor(scrollTop / rowHeight) - spare;
  const last = Math.ceil((scrollTop + height) / rowHeight) + spare;
  return { from: Math.max(0, Math.min(first, count)), until: Math.max(0, Math.min(last, count)) };
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
