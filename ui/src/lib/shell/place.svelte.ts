// Where one was: the program keeps it for each book, so that the next start goes on from there.
import { lastPlace, rememberPlace } from "$lib/ipc/client";
import type { Place as Known } from "$lib/ipc/types";
import { here } from "$lib/shared/here.svelte";
import { router } from "$lib/shared/route.svelte";

/** How often it is looked whether one has moved; a crash loses no more than that. */
const LOOK_MS = 1000;
/** A list that has not come by then is not waited for. */
const PATIENCE_MS = 4000;

class Place {
  #book = "";
  #told = "";
  #moved = false;

  /** Where one was in the book of this window. Not knowing it is no reason to keep it shut. */
  ask(): Promise<Known | null> {
    return lastPlace().catch(() => null);
  }

  /** Goes to where one was in a book that was just opened; once for each opening. */
  async goBack(book: string, asked: Promise<Known | null>) {
    if (this.#book === book) return;
    const place = await asked;
    // Only from now on: what stands there meanwhile is not where one was.
    this.#book = book;
    // A page that was loaded again still has its address; that of another book means nothing here.
    if (this.#moved || location.hash.length <= 2) {
      router.visit(place?.address ?? "#/home");
    }
    this.#moved = false;
    if (!place || location.hash !== place.address) return;
    here.wanted = place.row;
    setTimeout(() => (here.wanted = undefined), PATIENCE_MS);
  }

  /** The book was closed: where one is from now on is not in it. */
  leave() {
    this.#moved ||= this.#book !== "";
    router.forget();
    this.#book = "";
  }

  /** Tells the program whenever one has moved, until the answer is called. */
  keep(): () => void {
    const timer = setInterval(() => {
      if (!this.#book || here.wanted !== undefined) return;
      const address = location.hash.length > 2 ? location.hash : "#/home";
      const place = { address, row: here.row, scroll: here.scroll };
      const told = JSON.stringify(place);
      if (told === this.#told) return;
      this.#told = told;
      // Not being able to remember is no reason to interrupt anybody.
      rememberPlace(place).catch(() => undefined);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }
}

export const place = new Place();
