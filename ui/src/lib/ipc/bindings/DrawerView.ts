// temp
import type { Amount } from "./Amount";
export type DrawerView = { tender: string, account: string, inHand: Amount, records: number, countedAt: string | null };
