// Sample answers about decisions and fees; never part of a release build.
import type { Amount, FeeCheckView, PreviewView, RuleView } from "./types";

export function cny(minor: number): Amount {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  const major = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return { minor, currency: "CNY", major };
}

export const PREVIEW: PreviewView = {
  now: 1,
  history: 11,
  left: 0,
  sums: [cny(-1200)],
  becomes: "account_charge",
  payoutCount: 12,
  payouts: [0, 7, 14].map((back) => ({
    id: `p${back}`,
    date: `2026-04-${String(16 - back).padStart(2, "0")}`,
    before: cny(-100),
    classified: cny(-100),
    after: cny(0),
  })),
};

export const FEES: FeeCheckView = {
  payments: 5,
  settled: cny(42998),
  charged: cny(-259),
  beside: cny(0),
  parts: [],
  recomputed: cny(-259),
  difference: cny(0),
  onTotal: cny(-258),
  byRounding: cny(-1),
  ratePercent: "0.60",
  fixed: null,
  effectivePercent: "0.60",
  refunds: 1,
  returned: cny(30),
  returnedExpected: cny(30),
  odd: [],
  levels: [],
};

export const RULES: RuleView[] = [
  {
    id: 14,
    kind: "unknown_row",
    channel: "wechat_pay",
    word: "账户/平台工具服务费",
    act: "account_charge",
    limit: null,
    reason: "",
    by: "Li",
    at: "2026-04-18 08:12:00",
    breaks: 12,
  },
  {
    id: 9,
    kind: "rounding_difference",
    channel: "",
    word: "",
    act: "accept",
    limit: cny(1),
    reason: "一分钱的舍入",
    by: "Li",
    at: "2026-04-02 19:40:00",
    breaks: 7,
  },
];
