// What a row behind a figure shows.
import type { Shown } from "./money";

/** A row with its day, its number, its words, what it adds, and the line it was read from. */
export interface SourceRow {
  id: string;
  day: string;
  number: string;
  text: string;
  amount: Shown;
  evidence: { document: string; lineNo: number } | null;
}
