// Keys that pages listen to while they are shown.
import { Chords, isTyping, nameOf } from "./keys";

type Act = () => void;

const acts = new Map<string, Act[]>();
const chords = new Chords();

/** Does `act` on `chord` for as long as the calling component lives. The latest comes first. */
export function onKey(chord: string, act: Act): void {
  $effect(() => {
    acts.set(chord, [...(acts.get(chord) ?? []), act]);
    return () => {
      acts.set(chord, (acts.get(chord) ?? []).filter((known) => known !== act));
    };
  });
}

/** The act of a chord as things stand; `undefined` where it does nothing now. */
export function actOf(chord: string): Act | undefined {
  return acts.get(chord)?.at(-1);
}

/** For the window: finds the act of a pressed key and does it. */
export function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey) return;
  const name = nameOf(event);
  if (isTyping(event.target) && name !== "Escape" && !name.startsWith("Ctrl+")) return;
  const known = (chord: string) => (acts.get(chord) ?? []).length > 0;
  const chord = chords.press(name, event.timeStamp, known);
  const act = chord === undefined ? undefined : acts.get(chord)?.at(-1);
  if (act) {
    event.preventDefault();
    act();
  }
}
