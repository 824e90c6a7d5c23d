// How many questions to the program are not answered yet.
import { untrack } from "svelte";

class Asking {
  #count = $state(0);

  /** The page is busy while anything is asked. */
  get any() {
    return this.#count > 0;
  }

  // Whoever asks must not be asked again because somebody asks.
  begins = () => untrack(() => (this.#count += 1));
  ends = () => untrack(() => (this.#count -= 1));
}

export const asking = new Asking();
