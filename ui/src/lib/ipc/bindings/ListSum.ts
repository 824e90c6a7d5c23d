import type { Amount } from "./Amount";
export type ListSum = { column: string, count: number, amount: Amount, };
