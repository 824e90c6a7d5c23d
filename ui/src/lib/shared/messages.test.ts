import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fill, find, keysOf, plural } from "./messages";

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(svelte|ts)$/.test(file) && !file.endsWith(".test.ts"))
  .map((file) => readFileSync(join("src", file), "utf8"));
const code = sources.join("\n");
const keys = keysOf("zh");
const areas = [...new Set(keys.map((key) => key.split(".")[0]))].join("|");

/** What the pattern's group finds in the code. */
const found = (pattern: string) =>
  [...code.matchAll(new RegExp(pattern, "g"))].map((match) => match[1] ?? "");

describe("the message catalogue", () => {
  it("has every key in both languages", () => {
    expect(keysOf("en")).toEqual(keys);
  });

  it("has every key that the pages name", () => {
    const named = found(`"((?:${areas})\\.[a-z_.]+)"`);
    expect(named.length).toBeGreaterThan(100);
    for (const key of named) {
      const there = keys.includes(key) || keys.some((other) => other.startsWith(`${key}.`));
      expect(there, key).toBe(true);
    }
  });

  it("has no key that no page names", () => {
    const stems = [...found(`["\`]((?:${areas})\\.[a-z_.]+)`), ...found('tCode\\("([a-z_]+)"')];
    for (const key of keys) {
      const named = stems.some((stem) => key === stem || key.startsWith(stem.replace(/\.?$/, ".")));
      expect(named, key).toBe(true);
    }
  });

  it("has the same places in both languages", () => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join();
    for (const key of keys) {
      // English may say "one" without the figure.
      if (key.endsWith(".one")) continue;
      expect(places(find("en", key) ?? ""), key).toBe(places(find("zh", key) ?? ""));
    }
  });

  it("uses full-width punctuation between Chinese characters", () => {
    for (const key of keys) {
      expect(find("zh", key), key).not.toMatch(/[\u4e00-\u9fff][,;:!?]/);
    }
  });

  it("fills places and leaves an unknown one visible", () => {
    expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
  });

  it("counts in the way of each language", () => {
    expect(plural("en", "ui.payouts.count", 1)).toContain("payout");
    expect(plural("en", "ui.payouts.count", 2)).toContain("payouts");
    expect(plural("zh", "ui.payouts.count", 1)).toBe(plural("zh", "ui.payouts.count", 2));
  });
});
