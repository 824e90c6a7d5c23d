// temp
import type { TillFact } from "./TillFact";
export type TillInput = { nonce: string, act: string, tender: string | null, account: string, amount: string, at: string, order: string, of: string, reason: string, facts: Array<TillFact> };
