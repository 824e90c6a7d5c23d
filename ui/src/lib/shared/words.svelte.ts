// The language the window speaks, and the functions pages ask for words.
import { type Key, type Language, type Places, fill, find, plural } from "./messages";

const TAGS: Record<Language, string> = { zh: "zh-CN", en: "en" };

/** Under which stems channels are called by their names. */
const CHANNEL_STEMS = ["ui.channel", "statement.channel"];

class Words {
  language = $state<Language>("zh");
  /** Names the shop gave to channels of its own, by their code. */
  channels = $state.raw<Record<string, string>>({});

  /** The BCP 47 tag, for `Intl` and the `lang` attribute. */
  get tag(): string {
    return TAGS[this.language];
  }
}

export const words = new Words();

const counts: Record<Language, Intl.NumberFormat> = {
  zh: new Intl.NumberFormat(TAGS.zh),
  en: new Intl.NumberFormat(TAGS.en),
};

/** The text of a key, its places filled. */
export function t(key: Key, places: Places = {}): string {
  return fill(find(words.language, key) ?? key, places);
}

/**
 * The text of `stem.code`; without one the code itself: the program may know more words. A channel
 * that the shop named goes by that name.
 */
export function tCode(stem: string, code: string, without = code): string {
  const given = CHANNEL_STEMS.includes(stem) ? words.channels[code] : undefined;
  if (given !== undefined) return given;
  return find(words.language, `${stem}.${code}`) ?? without;
}

/** The text of `key` in the form that `count` wants; `{count}` is filled, grouped. */
export function tn(key: string, count: number, places: Places = {}): string {
  const shown = counts[words.language].format(count);
  return fill(plural(words.language, key, count), { count: shown, ...places });
}

/** The words of a document, in its own language whatever the window speaks. */
export function documentWords(code: string) {
  const language: Language = code === "en" ? "en" : "zh";
  return {
    tag: TAGS[language],
    t: (key: Key, places: Places = {}) => fill(find(language, key) ?? key, places),
    tCode: (stem: string, code: string) => find(language, `${stem}.${code}`) ?? code,
  };
}
