// Home of a figure: any page names the line, the window shows it in a drawer over the page.

/** A line of a stored file. */
export interface Line {
  document: string;
  lineNo: number;
  /** The file is what is shown, from that line on; no line of it is meant. */
  whole?: boolean;
}

class Shown {
  line = $state<Line>();

  /** Shows a line of a file over the page. */
  show(line: Line) {
    this.line = line;
  }

  close() {
    this.line = undefined;
  }
}

export const evidenceShown = new Shown();

/** Opens the line of something that names one; undefined when it names none. */
export function lineOf(row: { document: string | null; lineNo: number | null }) {
  const { document, lineNo } = row;
  if (document === null || lineNo === null) return undefined;
  return () => evidenceShown.show({ document, lineNo });
}
