// The long work of the program as pages see it: kept by the core, so it outlives every page.
import { cancelJob, dismissJobs, listJobs, onJob } from "./client";
import type { JobView } from "./types";

/** True once nothing more will come of a job. */
export const isOver = ({ state }: JobView) => state !== "waiting" && state !== "running";

class Jobs {
  /** Every job, the latest first. */
  all = $state.raw<JobView[]>([]);
  #waiting = new Map<number, (job: JobView) => void>();
  #heard = new Set<(job: JobView) => void>();

  /** Follows the program's jobs from now on. */
  start(): () => void {
    const listening = onJob((job) => this.#take(job));
    void this.read();
    return () => void listening.then((stop) => stop());
  }

  /** The latest job of a kind. */
  last(...kinds: string[]): JobView | undefined {
    return this.all.find(({ kind }) => kinds.includes(kind));
  }

  /** Calls back with every job that ends, until the answer is called. */
  onOver(hear: (job: JobView) => void): () => void {
    this.#heard.add(hear);
    return () => this.#heard.delete(hear);
  }

  /** Begins a job and waits until it is over. The page may go meanwhile; the job does not. */
  async run(asked: Promise<number>): Promise<JobView> {
    const id = await asked;
    const over = new Promise<JobView>((resolve) => this.#waiting.set(id, resolve));
    // It may have ended before anybody listened.
    await this.read();
    return over;
  }

  stop = (id: number) => cancelJob(id);

  /** Puts a finished job away; null: all of them. */
  async dismiss(id: number | null) {
    await dismissJobs(id);
    await this.read();
  }

  /** Asks for every job: after a book was opened there are others. */
  async read() {
    // A window that cannot ask hears the next event all the same.
    const all = await listJobs().catch(() => undefined);
    if (!all) return;
    this.all = all;
    for (const job of all) if (isOver(job)) this.#tell(job);
  }

  #take(job: JobView) {
    const known = this.all.find(({ id }) => id === job.id);
    if (known && isOver(known)) return;
    const rest = this.all.filter(({ id }) => id !== job.id);
    this.all = [job, ...rest].sort((a, b) => b.id - a.id);
    if (!isOver(job)) return;
    this.#tell(job);
    for (const hear of this.#heard) hear(job);
    // What nobody asked for and nobody has to hear of leaves no trace in the tray.
    if (job.itself && job.state === "done" && !job.attention) {
      this.all = this.all.filter(({ id }) => id !== job.id);
    }
  }

  #tell(job: JobView) {
    this.#waiting.get(job.id)?.(job);
    this.#waiting.delete(job.id);
  }
}

export const jobs = new Jobs();
