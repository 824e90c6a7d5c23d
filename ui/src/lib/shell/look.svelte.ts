// Language and colours. The program keeps them: the web view stores nothing of its own.
import { preferences, savePreferences } from "$lib/ipc/client";
import type { Language } from "$lib/shared/messages";
import { chosen } from "$lib/shared/preferences.svelte";
import { words } from "$lib/shared/words.svelte";

/** The choices of colours; `auto` follows the system. */
export const THEMES = ["auto", "light", "dark"] as const;
/** One of {@link THEMES}. */
export type Theme = (typeof THEMES)[number];

/** How close rows stand. */
export const DENSITIES = ["comfortable", "compact"] as const;

const isTheme = (text: string): text is Theme => (THEMES as readonly string[]).includes(text);
const isLanguage = (text: string): text is Language => text === "zh" || text === "en";

class Look {
  theme = $state<Theme>("auto");

  /** Takes what was chosen before; without a choice, what the system speaks. */
  async start() {
    const system = navigator.language.startsWith("zh") ? "zh" : "en";
    // A window that cannot read its preferences still has to open.
    const kept = await preferences().catch(() => ({
      language: "",
      theme: "",
      statementLanguage: "",
      density: "",
    }));
    words.language = isLanguage(kept.language) ? kept.language : system;
    this.theme = isTheme(kept.theme) ? kept.theme : "auto";
    chosen.statementLanguage = isLanguage(kept.statementLanguage) ? kept.statementLanguage : "";
    chosen.density = kept.density === "compact" ? "compact" : "comfortable";
    this.#show();
  }

  /** Writes statements in a language of their own; empty: that of the window. */
  writeStatements(language: string) {
    chosen.statementLanguage = isLanguage(language) ? language : "";
    this.#keep();
  }

  /** Sets rows closer or wider. */
  space(density: string) {
    chosen.density = density === "compact" ? "compact" : "comfortable";
    this.#keep();
  }

  /** Speaks another language. */
  speak(language: string) {
    if (isLanguage(language)) words.language = language;
    this.#keep();
  }

  /** Wears other colours. */
  wear(theme: string) {
    if (isTheme(theme)) this.theme = theme;
    this.#keep();
  }

  #keep() {
    this.#show();
    // Losing a colour choice is no reason to interrupt anybody.
    const { statementLanguage, density } = chosen;
    const kept = { language: words.language, theme: this.theme, statementLanguage, density };
    savePreferences(kept).catch(() => undefined);
  }

  #show() {
    const root = document.documentElement;
    root.lang = words.tag;
    root.dataset["density"] = chosen.density;
    if (this.theme === "auto") delete root.dataset["theme"];
    else root.dataset["theme"] = this.theme;
  }
}

export const look = new Look();
