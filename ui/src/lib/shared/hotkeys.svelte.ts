// Keys that pages and dialogs listen to while they are shown. They go to the topmost dialog only.
import { getContext, setContext } from "svelte";
import { Chords, isForField, isTyping, nameOf } from "./keys";
import { GAP_MS, ScanGun } from "./scan";

type Act = () => void;

/** Where a key works: on the page (`undefined`), in one dialog, or in the whole window. */
type Layer = symbol | undefined;
const DIALOG = Symbol("the dialog a component stands in");
const WINDOW = Symbol("the window, whatever is open in it");

interface Bound {
  act: Act;
  layer: Layer;
  repeats: boolean;
}

const bound = new Map<string, Bound[]>();
/** The dialogs that are open, the topmost last. */
const dialogs: symbol[] = [];
const chords = new Chords();
const gun = new ScanGun();
let scanned: ((code: string) => void)[] = [];

/** How a key works, unless it works once for each press and where its component stands. */
interface How {
  /** Also above the page's dialogs, and at the door. */
  everywhere?: boolean;
  /** Again and again while the key is held: for keys that only move. */
  repeats?: boolean;
}

/** Does `act` on `chord` for as long as the calling component lives. The latest comes first. */
export function onKey(chord: string, act: Act, { everywhere, repeats = false }: How = {}): void {
  const layer = everywhere ? WINDOW : getContext<Layer>(DIALOG);
  $effect(() => {
    const entry = { act, layer, repeats };
    bound.set(chord, [...(bound.get(chord) ?? []), entry]);
    return () => {
      bound.set(chord, (bound.get(chord) ?? []).filter((known) => known !== entry));
    };
  });
}

/** For a dialog: as long as it lives, keys go to what stands in it and to nothing below. */
export function takeKeys(): void {
  const layer = Symbol("a dialog");
  setContext<Layer>(DIALOG, layer);
  // Before what stands in it: a dialog that opens in a dialog is above it.
  $effect.pre(() => {
    dialogs.push(layer);
    return () => dialogs.splice(dialogs.indexOf(layer), 1);
  });
}

/** Does `act` with the code a scan gun has typed, while no field and no dialog takes its keys. */
export function onScan(act: (code: string) => void): void {
  $effect(() => {
    scanned = [...scanned, act];
    return () => (scanned = scanned.filter((known) => known !== act));
  });
}

function find(chord: string): Bound | undefined {
  const known = bound.get(chord) ?? [];
  const top = dialogs.at(-1);
  return known.findLast(({ layer }) => layer === top) ??
    known.findLast(({ layer }) => layer === WINDOW);
}

/** The act of a chord as things stand; `undefined` where it does nothing now. */
export const actOf = (chord: string): Act | undefined => find(chord)?.act;

/** Every chord that does something as things stand. */
export const boundChords = (): string[] => [...bound.keys()].filter((chord) => find(chord));

// A letter may be the first of a number that a scan gun types, and the number's own letters are no
// decisions. So a letter waits for the pause a gun never makes before it acts: 40 ms, of which a
// hand feels nothing. What comes quicker than any hand, three keys and more, acts not at all.
let held: { chord: string; layer: Layer }[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

function hold(chord: string) {
  held.push({ chord, layer: dialogs.at(-1) });
  wait();
}
function wait() {
  clearTimeout(timer);
  timer = setTimeout(release, GAP_MS + 1);
}
function forget() {
  clearTimeout(timer);
  held = [];
}
/** Does what was held, unless something has opened or closed since: it was not meant for that. */
function release() {
  const all = held;
  forget();
  for (const { chord, layer } of all) if (layer === dialogs.at(-1)) actOf(chord)?.();
}

/** For the window, before anything in it: keeps what a scan gun types from every other ear. */
export function listen(event: KeyboardEvent): void {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  const heard = gun.press(event.key, event.timeStamp);
  if (!heard) {
    if (held.length > 0 && gun.quick) wait();
    return;
  }
  forget();
  chords.forget();
  event.preventDefault();
  event.stopPropagation();
  if (heard.code && dialogs.length === 0) scanned.at(-1)?.(heard.code);
}

/** For the window: finds the act of a pressed key and does it. */
export function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey) return;
  const name = nameOf(event);
  if (isTyping(event.target) && isForField(name)) return;
  if (event.repeat && !find(name)?.repeats) return;
  const chord = chords.press(name, event.timeStamp, (each) => find(each) !== undefined);
  if (chord === undefined) return;
  event.preventDefault();
  // The second key of a chord that came at a hand's pace is no gun's.
  const ofHand = name.length > 1 || event.repeat || (chord !== name && !gun.quick);
  if (!ofHand) return hold(chord);
  release();
  actOf(chord)?.();
}
