// Geometry of the waterfall. These are lengths on the screen: no amount shown comes from here.

/** A signed step; `minor` only sets how long the bar is. */
export interface Step {
  name: string;
  minor: number;
}

/** A bar between two heights of the money axis. */
export interface Bar {
  name: string;
  /** Pixels from the top of the drawing area. */
  top: number;
  /** Pixels, never below the smallest that can be seen. */
  height: number;
  /** Where the running level leaves the bar, pixels from the top: the connector sits here. */
  leaves: number;
  kind: "in" | "out" | "total" | "nothing";
}

const SMALLEST = 3;

/** Lays out steps that start at nothing and end at `total`, in `height` pixels. */
export function layOut(steps: Step[], total: Step, height: number): Bar[] {
  let level = 0;
  const spans = steps.map((step) => {
    const from = level;
    level += step.minor;
    return { step, from, to: level };
  });
  const levels = [0, total.minor, ...spans.flatMap((span) => [span.from, span.to])];
  const highest = Math.max(...levels);
  const lowest = Math.min(...levels);
  const range = Math.max(1, highest - lowest);
  const y = (at: number) => ((highest - at) / range) * height;
  const bar = (step: Step, from: number, to: number, kind: Bar["kind"]): Bar => {
    const length = Math.max(SMALLEST, Math.abs(y(from) - y(to)));
    // A bar too thin to see grows away from the edge it would otherwise fall over.
    const top = Math.min(Math.min(y(from), y(to)), height - length);
    return { name: step.name, top, height: length, leaves: y(to), kind };
  };
  const kindOf = (minor: number) => (minor > 0 ? "in" : minor < 0 ? "out" : "nothing");
  return [
    ...spans.map(({ step, from, to }) => bar(step, from, to, kindOf(step.minor))),
    bar(total, 0, total.minor, "total"),
  ];
}
