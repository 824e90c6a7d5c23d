// What the heads of a list say.
import type { HeadedColumn } from "./columns";
import { t } from "./words.svelte";

/** The head of a column by its code, in the language of the window. */
export const headsOf = (all: readonly HeadedColumn[]) => (code: string) =>
  t(all.find((each) => each.code === code)?.head ?? "ui.app");
