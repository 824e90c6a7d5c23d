// A scan gun types faster than any hand and ends with Enter: that is how it is told apart.

/** The longest pause between two signs of a gun, milliseconds. */
const GAP_MS = 40;
/** The shortest code that counts; a hand may hit three keys at once. */
const LENGTH = 6;

/** Listens to keys outside of any field. */
export class ScanGun {
  #code = "";
  #last = 0;

  /** Takes a key with its time; answers with the code when a gun has finished one. */
  press(key: string, now: number): string | undefined {
    const quick = now - this.#last <= GAP_MS;
    this.#last = now;
    if (key === "Enter") {
      const code = quick && this.#code.length >= LENGTH ? this.#code : undefined;
      this.#code = "";
      return code;
    }
    // A gun presses Shift before a capital letter.
    if (key.length > 1) return undefined;
    this.#code = quick ? this.#code + key : key;
    return undefined;
  }
}
