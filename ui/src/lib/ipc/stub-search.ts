// Sample answers of the search; never part of a release build.
import type { SearchGroup, SearchHit, SearchView } from "./types";

const hit = (
  id: string,
  title: string,
  number: string,
  major: string,
  change: Partial<SearchHit> = {},
): SearchHit => ({
  id,
  payout: null,
  date: "2026-04-14",
  channel: "wechat_pay",
  title,
  number,
  amount: { minor: Number(major.replace(".", "")), currency: "CNY", major },
  matched: "number",
  evidence: { document: "1", fileName: "wechat/trade-2026-04-14.csv", lineNo: 7 },
  ...change,
});

const GROUPS: SearchGroup[] = [
  {
    kind: "payout",
    more: false,
    hits: [hit("1", "提现", "TX202641498", "344.14", { payout: "golden" })],
  },
  {
    kind: "payment",
    more: true,
    hits: [
      hit("2", "钢笔 钛银", "QZ202604144021", "140.00"),
      hit("3", "宣纸 四尺 100张", "QZ202604124021", "256.00", { date: "2026-04-12" }),
      hit("4", "端溪砚台", "QZ202604094021", "1280.00", { date: "2026-04-09" }),
    ],
  },
  { kind: "refund", more: false, hits: [hit("5", "钢笔 钛银", "TK2026041500014021", "50.00")] },
  { kind: "order", more: false, hits: [hit("6", "钢笔 钛银", "QZ202604144021", "140.00")] },
  { kind: "bank", more: false, hits: [hit("7", "财付通支付科技有限公司", "B202604154021", "344.14")] },
  {
    kind: "file",
    more: false,
    hits: [{ ...hit("8", "fund-2026-04-14.csv", "", "0.00"), amount: null }],
  },
];

/** Lines that carry what is typed; `zzz` finds nothing. */
export function found(typed: string): SearchView {
  if (typed.includes("zzz")) return { groups: [] };
  return { groups: typed.length > 6 ? GROUPS.slice(1, 2) : GROUPS };
}
