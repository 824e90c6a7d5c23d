import { describe, expect, it } from "vitest";
import { Chords, capsOf, isForField, nameOf, SHORTCUTS } from "./keys";

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

  it("names the signs a chord cannot carry, and Shift beside a letter only", () => {
    const name = (key: string, shiftKey = false) =>
      nameOf(new KeyboardEvent("keydown", { key, shiftKey, ctrlKey: true }));
    expect([name("+", true), name("="), name("-"), name("0")]).toEqual([
      "Ctrl+Plus",
      "Ctrl+Plus",
      "Ctrl+Minus",
      "Ctrl+0",
    ]);
    expect([name("Z", true), name("Z"), name("z")]).toEqual(["Ctrl+Shift+Z", "Ctrl+Z", "Ctrl+Z"]);
    expect(capsOf("Ctrl+Plus")).toEqual(["Ctrl", "+"]);
  });

  it("leaves a field what it is typed and edited with, and nothing else", () => {
    const own = ["A", "?", "Enter", "ArrowUp", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+A", "Ctrl+V"];
    for (const name of own) expect(isForField(name), name).toBe(true);
    for (const name of ["Escape", "F1", "Ctrl+K", "Ctrl+Plus", "Ctrl+P"]) {
      expect(isForField(name), name).toBe(false);
    }
  });

  it("has each chord once on a page", () => {
    const places = SHORTCUTS.map(({ chord, where }) => `${chord} ${where}`);
    expect(new Set(places).size).toBe(SHORTCUTS.length);
  });
});
