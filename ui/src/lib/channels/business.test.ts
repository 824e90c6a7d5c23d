import { describe, expect, it } from "vitest";
import type { ExpectedDay } from "$lib/ipc/types";
import { expectedOf, fedByFiles, paysOut } from "./business";

const amount = { minor: 100, currency: "CNY", major: "1.00" };
const expected = (date: string, channel: string): ExpectedDay => ({
  date,
  standing: "week",
  amounts: [amount],
  payouts: [{ id: date, channel, number: "1", amount }],
});

describe("a channel's business", () => {
  it("has the first of its own payouts that are on their way", () => {
    const days = [expected("2026-04-17", "alipay"), expected("2026-04-18", "wechat_pay")];
    expect(expectedOf(days, "wechat_pay")?.date).toBe("2026-04-18");
    expect(expectedOf(days, "stripe")).toBeUndefined();
  });

  it("stands on a card of its own where nobody asks the channel", () => {
    const known = ["wechat_pay", "yeepay", "shop"];
    expect(fedByFiles(known, [{ kind: "wechat_pay" }])).toEqual(["yeepay"]);
    expect(paysOut("vendure")).toBe(false);
  });
});
