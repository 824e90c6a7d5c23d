// temp
import type { Amount } from "./Amount";
import type { CountView } from "./CountView";
import type { TillFact } from "./TillFact";
export type TillRecordView = { number: string, act: string, tender: string, account: string, amount: Amount, at: string, order: string, of: string, reason: string, facts: Array<TillFact>, state: string, givenBack: Amount | null, bankDay: string | null, payoutId: string | null, counted: CountView | null, attachments: number, document: string | null, lineNo: number | null, madeAt: string, madeBy: string, can: Array<string> };
