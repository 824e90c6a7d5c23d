// Choices that pages ask for without knowing who keeps them.
import { words } from "./words.svelte";

class Chosen {
  /** Language of statements; empty: that of the window. */
  statementLanguage = $state("");
  /** How close rows stand. */
  density = $state("comfortable");
}

export const chosen = new Chosen();

/** The language statements are written in. */
export const statementLanguage = () => chosen.statementLanguage || words.language;
