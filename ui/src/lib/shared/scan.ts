// A scan gun types faster than any hand and ends with Enter: that is how it is told apart.

/** The longest pause between two signs of a gun, milliseconds. */
export const GAP_MS = 40;
/** The shortest code that is looked for. */
const LENGTH = 6;
/** So many keys a hand may hit at once, rolling from one to the next; more are a gun's. */
const HAND = 2;

/** What a gun typed; `code` once it has finished one that is worth looking for. */
export interface Heard {
  code?: string;
}

/** Listens to keys outside of any field. */
export class ScanGun {
  #code = "";
  #last = -Infinity;

  /** True while the last key came as quickly after another one as a gun's does. */
  get quick(): boolean {
    return this.#code.length > 1;
  }

  /** Takes a key with its time; answers when it is a gun's, undefined for what a hand can do. */
  press(key: string, now: number): Heard | undefined {
    const quick = now - this.#last <= GAP_MS;
    this.#last = now;
    if (key === "Enter") {
      const code = quick ? this.#code : "";
      this.#code = "";
      if (code.length >= LENGTH) return { code };
      return code.length >= HAND ? {} : undefined;
    }
    // A gun presses Shift before a capital letter, also before its first.
    if (key.length > 1) {
      if (!quick) this.#code = "";
      return undefined;
    }
    this.#code = quick ? this.#code + key : key;
    return this.#code.length > HAND ? {} : undefined;
  }
}
