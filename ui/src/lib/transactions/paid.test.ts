import { cleanup, render } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PaidView } from "$lib/ipc/types";
import { words } from "$lib/shared/words.svelte";
import Paid from "./Paid.svelte";

const NOTHING: PaidView = {
  source: null,
  confirm: null,
  terms: null,
  termsFee: null,
  termsOnShop: false,
  underlying: null,
  underlyingChannel: null,
  underlyingNo: "",
  underlyingFee: null,
};
const yuan = (minor: number, major: string) => ({ minor, currency: "CNY", major });

function told(paid: Partial<PaidView>, bank = ""): string {
  const props = { paid: { ...NOTHING, ...paid }, bank, onopen: () => undefined };
  const { container } = render(Paid, { props });
  return (container.textContent ?? "").replace(/\s+/g, " ").trim();
}

beforeEach(() => {
  words.language = "en";
});
afterEach(cleanup);

describe("how a payment was made", () => {
  it("says nothing where the line says nothing", () => {
    expect(told({})).toBe("");
  });

  it("keeps a text that nobody knows beside the word for it", () => {
    expect(told({ source: "other" }, "月光宝盒")).toBe("Paid from Other 月光宝盒");
    expect(told({ confirm: "face" })).toBe("Confirmed by face");
  });

  it("says who bears instalments only where the line proves it", () => {
    const terms = { terms: 3, termsFee: yuan(30, "0.30") };
    expect(told(terms)).toMatch(/3 terms · price of the terms .*0\.30.*does not say who bears it/);
    expect(told({ ...terms, termsOnShop: true })).toContain("borne by the shop");
  });

  it("names the wallet behind an aggregator with its own number and fee", () => {
    const behind = {
      underlying: "微信",
      underlyingChannel: "wechat_pay",
      underlyingNo: "4200002026",
      underlyingFee: yuan(-38, "-0.38"),
    };
    expect(told(behind)).toMatch(/WeChat Pay · Number there 4200002026 · It kept .*0\.38/);
  });
});
