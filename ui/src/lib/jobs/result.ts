// How a job stands, and what a finished one came to in one sentence.
import type { JobView } from "$lib/ipc/types";
import type { Tone } from "$lib/shared/Chip.svelte";
import { t, tCode, words } from "$lib/shared/words.svelte";

const TONES: Record<string, Tone> = { running: "calm", done: "good", failed: "bad" };

/** The tone of how it stands: one that was done and found something is not done with. */
export const toneOf = (job: JobView): Tone =>
  job.attention && job.state !== "failed" ? "warn" : (TONES[job.state] ?? "calm");

/** How it stands, in the reader's words. */
export const stateOf = (job: JobView): string =>
  job.attention && job.state === "done" ? t("jobs.attention") : tCode("jobs.state", job.state);

/** A count as people write it. */
const shown = (count: number) => new Intl.NumberFormat(words.tag).format(count);

/** The sentence; a job that failed says why instead. */
export function resultOf(job: JobView): string {
  const { report, synced, compared, checks, path } = job;
  if (report) {
    const read = report.files.filter(({ state }) => state === "booked" || state === "known");
    if (report.cancelled) return t("jobs.imported.stopped", { files: read.length });
    let rows = 0;
    for (const file of read) rows += file.rowsNew;
    const said = t("jobs.imported", { rows: shown(rows), files: shown(report.files.length) });
    const odd = report.files.filter(({ state, quarantined, totals }) => {
      const whole = state === "booked" || state === "known";
      return !whole || quarantined > 0 || totals.some(({ holds }) => !holds);
    });
    return odd.length > 0 ? `${said} · ${t("jobs.imported.look", { files: odd.length })}` : said;
  }
  if (synced) {
    let files = 0;
    let open = synced.filesWrong;
    for (const one of synced.connections) {
      files += one.files;
      open += one.failed;
    }
    if (files === 0 && open === 0) return t("jobs.synced.nothing");
    return t("jobs.synced", { files, rows: synced.rowsNew, open });
  }
  if (compared) {
    const { asOf, matched, payouts, unexplained } = compared;
    if (asOf === null) return t("jobs.compared.empty");
    const counts = { matched: shown(matched), payouts: shown(payouts), open: shown(unexplained) };
    return t("jobs.compared", { day: asOf, ...counts });
  }
  if (checks.length > 0) {
    const wrong = checks.filter(({ wrong }) => wrong.length > 0).length;
    if (wrong === 0) return t("jobs.verified", { count: checks.length });
    return `${t("jobs.verified.wrong", { count: wrong })} ${t("jobs.verified.next")}`;
  }
  if (path !== null) return t("jobs.written", { path });
  return "";
}
