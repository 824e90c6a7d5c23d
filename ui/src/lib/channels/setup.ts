// A set-up as it is typed: read from a file, and given to the program. It is kept nowhere here.
import type { ConnectionKindView, FieldView, KeyFileView, SetupInput } from "$lib/ipc/types";

/** How the text of a PEM file begins. */
export const PEM_HINT = "-----BEGIN …-----";

/** What the address of a shop looks like. */
export const SHOP_HINT = "https://shop.example.com";

/** Values by the name of their field. */
export type Values = Record<string, string>;

/** Files that the program keeps for fields, by the name of the field. */
export type Picked = Record<string, KeyFileView>;

/** What a set-up file holds. */
export interface SetupFile {
  channel: string;
  base: string;
  fields: Values;
}

/** Reads a set-up file; undefined when it is none. Nothing of its text is in any error. */
export function readSetup(text: string): SetupFile | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof found !== "object" || found === null) return undefined;
  const { channel, base = "", fields } = found as Record<string, unknown>;
  if (typeof channel !== "string" || typeof base !== "string") return undefined;
  if (typeof fields !== "object" || fields === null) return undefined;
  const pairs = Object.entries(fields);
  if (!pairs.every((pair): pair is [string, string] => typeof pair[1] === "string")) {
    return undefined;
  }
  return { channel, base, fields: Object.fromEntries(pairs) };
}

/** False for a field that a key file gives, once one is chosen. */
export function isWanted(field: FieldView, values: Values, picked: Picked = {}): boolean {
  return field.instead === "" || !(values[field.instead] || picked[field.instead]);
}

/** The set-up of a kind: its own fields only, none that is empty; a file stands for its field. */
export function inputOf(
  kind: ConnectionKindView,
  base: string,
  values: Values,
  picked: Picked = {},
): SetupInput {
  const fields: [string, string][] = [];
  const files: [string, number][] = [];
  for (const { name } of kind.fields.filter((field) => isWanted(field, values, picked))) {
    const value = values[name]?.trim() ?? "";
    const file = picked[name];
    if (file) files.push([name, file.number]);
    else if (value) fields.push([name, value]);
  }
  return { kind: kind.code, base: base.trim(), fields, files };
}
