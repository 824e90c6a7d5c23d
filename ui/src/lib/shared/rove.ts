// Moving the keyboard through cells that stand in rows and columns: one tab stop for all of them.

/** Where a cell stands. */
export interface Place {
  row: number;
  column: number;
}

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Where a key leads to from a cell; undefined for keys that do not move. */
export function step(key: string, at: Place, rows: number, columns: number): Place | undefined {
  const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  if (key === "Home") return { row: at.row, column: 0 };
  if (key === "End") return { row: at.row, column: columns - 1 };
  if (key === "PageUp") return { row: 0, column: at.column };
  if (key === "PageDown") return { row: rows - 1, column: at.column };
  const move = STEPS[key];
  if (!move) return undefined;
  return { row: clamp(at.row + move[0], rows), column: clamp(at.column + move[1], columns) };
}

/** Where a key leads among marks side by side; undefined for keys that do not move. */
export function along(key: string, at: number, count: number): number | undefined {
  if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) return undefined;
  return step(key, { row: 0, column: at }, 1, count)?.column;
}

/** Puts the focus on a cell that names its place in `data-cell="row,column"`. */
export function focusCell(root: HTMLElement | undefined, at: Place): void {
  root?.querySelector<HTMLElement>(`[data-cell="${at.row},${at.column}"]`)?.focus();
}
