// temp
import type { Amount } from "./Amount";
import type { CardView } from "./CardView";
import type { DrawerView } from "./DrawerView";
import type { TillRecordView } from "./TillRecordView";
export type TillPage = { drawers: Array<DrawerView>, cards: Array<CardView>, records: Array<TillRecordView>, more: boolean, denominations: Array<Amount>, today: string };
