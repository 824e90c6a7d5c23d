// Language and colours. The program keeps them: the web view stores nothing of its own.
import { preferences, savePreferences } from "$lib/ipc/client";
import type { Language } from "$lib/shared/messages";
import { chosen } from "$lib/shared/preferences.svelte";
import { words } from "$lib/shared/words.svelte";

/** The choices of colours; `auto` follows the system. */
export const THEMES = ["auto", "light", "dark"] as const;
/** One of {@link THEMES}. */
export type Theme = (typeof THEMES)[number];

/** What the address of a proxy looks like. */
export const PROXY_HINT = "http://127.0.0.1:3128";

/** How large everything is drawn, percent. */
export const ZOOMS = [80, 90, 100, 110, 125, 150, 175, 200] as const;

/** How close rows stand. */
export const DENSITIES = ["comfortable", "compact"] as const;

const isTheme = (text: string): text is Theme => (THEMES as readonly string[]).includes(text);
const isLanguage = (text: string): text is Language => text === "zh" || text === "en";

class Look {
  theme = $state<Theme>("auto");
  /** The person at this desk, as decisions name them. */
  person = $state("");
  /** True when the desktop is not told of long work that is over. */
  quiet = $state(false);
  /** How channels are reached: empty for the computer's own way, `direct`, or a proxy. */
  proxy = $state("");
  /** How large everything is drawn, percent: one of {@link ZOOMS}. */
  zoom = $state(100);

  /** Takes what was chosen before; without a choice, what the system speaks. */
  async start() {
    const system = navigator.language.startsWith("zh") ? "zh" : "en";
    // A window that cannot read its preferences still has to open.
    const kept = await preferences().catch(() => ({
      language: "",
      theme: "",
      statementLanguage: "",
      density: "",
      person: "",
      quiet: false,
      proxy: "",
      zoom: 100,
    }));
    words.language = isLanguage(kept.language) ? kept.language : system;
    this.theme = isTheme(kept.theme) ? kept.theme : "auto";
    chosen.statementLanguage = isLanguage(kept.statementLanguage) ? kept.statementLanguage : "";
    chosen.density = kept.density === "compact" ? "compact" : "comfortable";
    this.person = kept.person;
    this.quiet = kept.quiet;
    this.proxy = kept.proxy;
    this.zoom = ZOOMS.find((zoom) => zoom === kept.zoom) ?? 100;
    this.#show();
    // The program writes sentences too: it has to know the language before the first page asks.
    if (!isLanguage(kept.language)) await this.#keep(words.language);
  }

  /** Writes statements in a language of their own; empty: that of the window. */
  writeStatements(language: string) {
    chosen.statementLanguage = isLanguage(language) ? language : "";
    void this.#keep(words.language);
  }

  /** Sets rows closer or wider. */
  space(density: string) {
    chosen.density = density === "compact" ? "compact" : "comfortable";
    void this.#keep(words.language);
  }

  /** Speaks another language, the program first: pages ask it again as soon as they turn. */
  async speak(language: string) {
    if (!isLanguage(language)) return;
    await this.#keep(language);
    words.language = language;
    this.#show();
  }

  /** Wears other colours. */
  wear(theme: string) {
    if (isTheme(theme)) this.theme = theme;
    void this.#keep(words.language);
  }

  /** Answers to another name. */
  call(person: string) {
    if (person.trim()) this.person = person.trim();
    void this.#keep(words.language);
  }

  /** Tells the desktop of long work that is over, or does not. */
  hush(quiet: boolean) {
    this.quiet = quiet;
    void this.#keep(words.language);
  }

  /** Reaches channels another way; an address that is none changes nothing and is told. */
  async leaveBy(proxy: string) {
    await savePreferences({ ...this.#kept(words.language), proxy: proxy.trim() });
    this.proxy = proxy.trim();
  }

  /** Draws everything at another size; the program does it. */
  zoomTo(percent: number) {
    this.zoom = ZOOMS.find((zoom) => zoom === percent) ?? this.zoom;
    void this.#keep(words.language);
  }

  larger() {
    this.zoomTo(ZOOMS.find((zoom) => zoom > this.zoom) ?? this.zoom);
  }

  smaller() {
    this.zoomTo(ZOOMS.findLast((zoom) => zoom < this.zoom) ?? this.zoom);
  }

  #kept(language: Language) {
    const { theme, person, quiet, proxy, zoom } = this;
    const { statementLanguage, density } = chosen;
    return { language, theme, person, quiet, proxy, zoom, statementLanguage, density };
  }

  async #keep(language: Language) {
    this.#show();
    // Losing a colour choice is no reason to interrupt anybody.
    await savePreferences(this.#kept(language)).catch(() => undefined);
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
