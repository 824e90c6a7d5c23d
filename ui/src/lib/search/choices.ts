// What the palette offers: commands that fit what is typed, then the lines that were found.
import type { SearchHit, SearchView } from "$lib/ipc/types";
import { find, type Key } from "$lib/shared/messages";

/** Something the window can do. */
export interface Command {
  /** Catalogue key of its name. */
  name: Key;
  /** Catalogue key of the group it stands in. */
  group: Key;
  /** Its keys, `G P`; empty without any. */
  keys: string;
  act: () => void;
}

/** One line of the palette. */
export type Choice =
  | { id: string; kind: "command"; command: Command }
  | { id: string; kind: "hit"; hit: SearchHit; record: string };

/** Choices under one heading. */
export interface Section {
  /** The kind of record; the catalogue key of a group of commands. */
  id: string;
  /** Catalogue key of the heading; `null` for records, which are named by their kind. */
  heading: Key | null;
  choices: Choice[];
  more: boolean;
}

/** True when the command's name has what is typed, in either language. */
export function fits(command: Command, typed: string): boolean {
  const wanted = typed.trim().toLowerCase();
  const names = [find("zh", command.name), find("en", command.name)];
  return names.some((name) => name?.toLowerCase().includes(wanted));
}

/** Sections in the order in which they are shown: the book first, then what can be done. */
export function sectionsOf(view: SearchView, commands: Command[], typed: string): Section[] {
  const sections: Section[] = view.groups.map((group) => ({
    id: group.kind,
    heading: null,
    choices: group.hits.map((hit) => {
      return { id: `${group.kind}-${hit.id}`, kind: "hit", hit, record: group.kind };
    }),
    more: group.more,
  }));
  const fitting = commands.filter((command) => fits(command, typed));
  for (const heading of new Set(fitting.map((command) => command.group))) {
    const choices: Choice[] = fitting
      .filter((command) => command.group === heading)
      .map((command) => ({ id: command.name, kind: "command", command }));
    sections.push({ id: heading, heading, choices, more: false });
  }
  return sections;
}

/**
 * Where among the transactions a record stands: a row of a bill opens, an order and a refund that
 * the shop asked for show what was paid under their number. `null` for records of other pages.
 */
export function placeOf(record: string, hit: SearchHit): Record<string, string> | null {
  switch (record) {
    case "payment":
    case "refund":
      return { open: hit.id };
    case "movement":
      return { source: "fund", open: hit.id };
    case "order":
    case "shop_refund":
      return hit.number ? { number: hit.number } : null;
    default:
      return null;
  }
}

/** Splits a text around the part that was typed, for marking it; the tail of a number first. */
export function marked(text: string, typed: string): [string, string, string] {
  const folded = text.toLowerCase();
  for (const word of typed.toLowerCase().split(/\s+/)) {
    const at = word ? folded.lastIndexOf(word) : -1;
    // Folding may change the length of some scripts' texts; then nothing is marked.
    if (at >= 0 && folded.length === text.length) {
      const end = at + word.length;
      return [text.slice(0, at), text.slice(at, end), text.slice(end)];
    }
  }
  return [text, "", ""];
}
