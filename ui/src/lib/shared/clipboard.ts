// Copying text. The web view may keep its clipboard interface to secure pages, hence the old way.

/** Puts text into the clipboard; false when the system did not let it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByField(text);
  }
}

function copyByField(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  // No other way is left where the new interface is missing.
  const copied = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}

/** Copies text that somebody marked, which is what they want, not the rows; false without any. */
export function copyMarked(): boolean {
  const marked = getSelection()?.toString();
  if (marked) void copyText(marked);
  return Boolean(marked);
}
