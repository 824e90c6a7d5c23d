// What is being asked of a person, and what was answered: any page asks, the window shows it.
import type { Shown } from "./money";
import { t, tn } from "./words.svelte";

/** A question over the page. */
export type Asked =
  | { what: "classify"; id: string }
  | {
      what: "accept" | "write_off" | "carry" | "note" | "always";
      id: string;
      kind: string;
      /** What it is about: its day, its record and its effect. */
      row?: { day: string; records: string[]; effect: Shown };
    };

class Deciding {
  asked = $state.raw<Asked>();
  /** Rises with every decision and every one taken back: pages read again. */
  version = $state(0);
  /** What was done last, in words; `undo` while it can be taken back. */
  told = $state.raw<{ text: string; undo: boolean; bad: boolean }>();

  /** Asks over the page. */
  ask(asked: Asked) {
    this.asked = asked;
  }

  close() {
    this.asked = undefined;
  }

  /** Something was decided: says so and lets pages read again. */
  done(text: string, undo = true) {
    this.asked = undefined;
    this.told = { text, undo, bad: false };
    this.version += 1;
  }

  /** Something was refused. */
  failed({ message, nextStep }: { message: string; nextStep: string }) {
    this.told = { text: `${message} ${nextStep}`.trim(), undo: false, bad: true };
  }

  /** Forgets what was said. */
  hush() {
    this.told = undefined;
  }

  /** How a decision about so many is told. */
  saying(what: string, count: number): string {
    return `${what} · ${tn("ui.decided.count", count)}`;
  }
}

export const deciding = new Deciding();

/** For pages: the name of the act as it is told. */
export const actName = (
  act: "accept" | "write_off" | "carry" | "note" | "reopen" | "always" | "ask" | "claim",
) => t(`ui.act.${act}`);
