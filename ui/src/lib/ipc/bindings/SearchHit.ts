import type { Amount } from "./Amount";
import type { EvidenceRef } from "./EvidenceRef";
export type SearchHit = { id: string, payout: string | null, date: string, channel: string, title: string, number: string, amount: Amount | null, matched: string, evidence: EvidenceRef, };
