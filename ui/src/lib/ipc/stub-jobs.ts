// Sample jobs for working on pages in a browser.
import type { JobView } from "./types";

const NEW: JobView = {
  id: 0,
  kind: "import",
  about: "",
  state: "waiting",
  done: 0,
  total: 0,
  rows: 0,
  file: "",
  askedAt: "2026-04-20 08:11:00",
  attention: false,
  itself: false,
  waits: false,
  report: null,
  synced: null,
  compared: null,
  checks: [],
  path: null,
  failure: null,
};
const CHECKS = [
  "file",
  "raw_documents",
  "ledger_days",
  "debits_equal_credits",
  "payout_components",
  "corrections",
];

const jobs: JobView[] = [];
let tell: ((job: JobView) => void) | undefined;

/** Gives the events of jobs to the page. */
export function onJob(to: (job: JobView) => void): () => void {
  tell = to;
  return () => (tell = undefined);
}

/** Runs a sample job and answers with its number at once. */
export function begin(kind: string, about: string, result: Partial<JobView>): number {
  const job: JobView = { ...NEW, id: jobs.length + 1, kind, about, state: "running", total: 12 };
  jobs.unshift(job);
  const timer = setInterval(() => {
    if (job.state === "running" && job.done < job.total) {
      job.done += 1;
      if (kind === "import") {
        Object.assign(job, { rows: job.done * 4213, file: `wechat/fund-${job.done}.csv` });
      }
    } else {
      clearInterval(timer);
      const looked = job.state === "running";
      if (looked) Object.assign(job, result, { state: "done", attention: kind === "import" });
    }
    tell?.({ ...job });
  }, 150);
  return job.id;
}

/** Answers what is asked about jobs. */
export function answerJobs(command: string, args: Record<string, unknown>): unknown {
  switch (command) {
    case "start_reconcile":
      return begin("reconcile", "", {
        compared: { asOf: "2026-04-17", matched: 31208, payouts: 730, unexplained: 1 },
      });
    case "start_verify":
      return begin("verify", "", {
        checks: CHECKS.map((check, at) => ({ check, lookedAt: 120 * (at + 1), wrong: [] })),
      });
    case "print_page":
      window.print();
      return null;
    case "start_statement":
      return begin("statement", "TX202641498.pdf", { path: "~/Suanpan/TX202641498.pdf" });
    case "cancel_job":
      for (const job of jobs) if (job.id === args["id"]) job.state = "stopped";
      return null;
    case "dismiss_jobs": {
      const left = jobs.filter(({ id, state }) => {
        return state === "running" || (args["id"] !== null && id !== args["id"]);
      });
      jobs.splice(0, jobs.length, ...left);
      return null;
    }
    default:
      return jobs.map((job) => ({ ...job }));
  }
}
