// temp
import type { Amount } from "./Amount";
import type { NoteView } from "./NoteView";
export type CountView = { expected: Amount, counted: Amount, over: Amount, notes: Array<NoteView> };
