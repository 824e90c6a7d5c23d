import { describe, expect, it } from "vitest";
import { Chords, SHORTCUTS, nameOf } from "./keys";

const known = (chord: string) => SHORTCUTS.some((shortcut) => shortcut.chord === chord);

describe("keys", () => {
  it("takes G then P as one chord", () => {
    const chords = new Chords();
    expect(chords.press("G", 0, known)).toBeUndefined();
    expect(chords.press("P", 400, known)).toBe("G P");
  });

  it("forgets a first key after a second", () => {
    const chords = new Chords();
    chords.press("G", 0, known);
    expect(chords.press("P", 1001, known)).toBeUndefined();
  });

  it("does a single key at once, also after another", () => {
    const chords = new Chords();
    chords.press("X", 0, known);
    expect(chords.press("U", 10, known)).toBe("U");
  });

  it("names keys as the sheet shows them", () => {
    expect(nameOf(new KeyboardEvent("keydown", { key: "p", ctrlKey: true }))).toBe("Ctrl+P");
    expect(nameOf(new KeyboardEvent("keydown", { key: "p", metaKey: true }))).toBe("Ctrl+P");
    expect(nameOf(new KeyboardEvent("keydown", { key: "Escape" }))).toBe("Escape");
  });

  it("has each chord once on a page", () => {
    const places = SHORTCUTS.map(({ chord, where }) => `${chord} ${where}`);
    expect(new Set(places).size).toBe(SHORTCUTS.length);
  });
});
