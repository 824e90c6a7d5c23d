// Why a row could not be read, as a sentence.
import { t, tCode } from "$lib/shared/words.svelte";

/**
 * The words of a problem's code with its detail. `时间: 2O26` is a column and what stands in it;
 * a detail of a whole row is a text of its own.
 */
export function problemText(code: string, detail: string | null): string {
  const what = tCode("ui.problem", code);
  const said = (detail ?? "").replace(/:?\s*$/, "");
  if (!said) return what;
  const [, column, value] = (code !== "bad_row" && /^([^:]+): (.+)$/s.exec(said)) || [];
  return column && value
    ? t("imports.problem.cell", { what, column, value })
    : t("imports.problem.detail", { what, detail: said });
}
