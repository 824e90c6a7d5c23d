// Home of a figure: any page names the line, the window shows it in a drawer over the page.

/** A line of a stored file. */
export interface Line {
  document: string;
  lineNo: number;
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
