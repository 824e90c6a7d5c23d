// temp
import type { Amount } from "./Amount";
export type CardView = { card: string, balance: Amount, lastAt: string };
