// temp
import type { Amount } from "./Amount";
export type NoteView = { worth: Amount, pieces: number, sum: Amount };
