// Order and weight of an import's report.
import type { ImportFile } from "$lib/ipc/types";

/** Totals of the file itself that its rows do not reach. */
export function badProofs(file: ImportFile): ImportFile["totals"] {
  return file.totals.filter((total) => !total.holds);
}

/** True when a person should look at the file. */
export function needsLook(file: ImportFile): boolean {
  const refused = file.state === "refused" || file.state === "needs_mapping";
  return refused || file.quarantined > 0 || file.problems.length > 0 || badProofs(file).length > 0;
}

/** Files that need a look first, then new ones, then those known already; else as they came. */
export function sortedForReading(files: ImportFile[]): ImportFile[] {
  const rank = (file: ImportFile) => (needsLook(file) ? 0 : file.state === "known" ? 2 : 1);
  return [...files].sort((a, b) => rank(a) - rank(b));
}
