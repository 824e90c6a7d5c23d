// What a search found for what is typed now; an answer that comes too late is dropped.
import { search } from "$lib/ipc/client";
import type { SearchView } from "$lib/ipc/types";

/** How long typing has to rest while an answer is still under way, milliseconds. */
const REST_MS = 90;
/** Hits of each kind. */
const LIMIT = 6;

const NOTHING: SearchView = { groups: [] };

/** Asks while a person types. */
export class Answers {
  view = $state<SearchView>(NOTHING);
  problem = $state<unknown>();
  /** What the shown answer is for. */
  answered = $state("");
  /** What is asked for, answered or not. */
  asked = $state("");
  #timer: ReturnType<typeof setTimeout> | undefined;
  #underWay = 0;

  get waiting(): boolean {
    return this.asked !== this.answered;
  }

  /** Takes what is typed now; `done` is called with its answer, not with an older one. */
  ask(typed: string, done?: () => void) {
    const wanted = typed.trim();
    clearTimeout(this.#timer);
    if (wanted === this.asked && !this.waiting) return done?.();
    this.asked = wanted;
    if (!wanted) {
      this.#take(wanted, NOTHING);
      return;
    }
    // A book that answers at once is asked at once; a slow one is not asked at every letter.
    if (done || this.#underWay === 0) void this.#fetch(wanted, done);
    else this.#timer = setTimeout(() => void this.#fetch(wanted), REST_MS);
  }

  async #fetch(wanted: string, done?: () => void) {
    this.#underWay += 1;
    try {
      const view = await search(wanted, LIMIT);
      if (wanted !== this.asked) return;
      this.#take(wanted, view);
      done?.();
    } catch (error) {
      if (wanted !== this.asked) return;
      this.#take(wanted, NOTHING);
      this.problem = error;
    } finally {
      this.#underWay -= 1;
    }
  }

  #take(wanted: string, view: SearchView) {
    this.view = view;
    this.problem = undefined;
    this.answered = wanted;
  }

  /** Forgets everything. */
  clear() {
    clearTimeout(this.#timer);
    this.asked = "";
    this.#take("", NOTHING);
  }
}
