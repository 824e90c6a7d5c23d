// Sample answers of the first screen; never part of a release build.
import type { Amount, HomeView, PayoutRow } from "./types";

function cny(minor: number): Amount {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  const major = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return { minor, currency: "CNY", major };
}

/** Home of the sample shop; `first`: nobody looked before. */
export const sampleHome = (company: string, rows: PayoutRow[], first: boolean): HomeView => ({
  company,
  since: first ? null : "2026-04-14 18:02:00",
  newCount: 3,
  payoutsNew: rows,
  moneyMap: {
    nodes: [
      { node: "pending", amounts: [cny(86_200)] },
      { node: "held", amounts: [cny(3975)] },
      { node: "available", amounts: [cny(1_284_207)] },
      { node: "in_transit", amounts: [cny(310_455)] },
      {
        node: "bank",
        amounts: [cny(48_220_914), { minor: 125_000, currency: "USD", major: "1250.00" }],
      },
    ],
    total: [cny(49_905_751), { minor: 125_000, currency: "USD", major: "1250.00" }],
  },
  needsYou: [
    { kind: "payout_short", title: "", count: 1, effects: [cny(-2000)], href: "" },
    { kind: "duplicate_payment", title: "", count: 2, effects: [cny(12_990)], href: "" },
    { kind: "fee_not_returned", title: "", count: 3, effects: [cny(-91)], href: "" },
    { kind: "unknown_row", title: "", count: 1, effects: [cny(-100)], href: "" },
    { kind: "order_without_payment", title: "", count: 4, effects: [cny(-40_210)], href: "" },
  ],
  expected: [
    {
      date: "2026-04-16",
      standing: "overdue",
      amounts: [cny(310_455)],
      payouts: [
        { id: "p0", channel: "wechat_pay", number: "TX202641500", amount: cny(310_455) },
      ],
    },
    {
      date: "2026-04-20",
      standing: "week",
      amounts: [cny(512_900)],
      payouts: [
        { id: "p1", channel: "wechat_pay", number: "TX202641499", amount: cny(402_900) },
        { id: "p3", channel: "alipay", number: "TX202641497", amount: cny(110_000) },
      ],
    },
  ],
  dataUntil: "2026-04-17",
  lastImportAt: "2026-04-18 08:10",
});
