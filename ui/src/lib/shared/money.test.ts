import { describe, expect, it } from "vitest";
import { currencyName, isNegative, isZero, money } from "./money";

const cny = (major: string) => ({ currency: "CNY", major });

describe("amounts on the screen", () => {
  it("shows the golden payout as 344.14", () => {
    expect(money(cny("344.14"), "zh-CN")).toBe("¥344.14");
    expect(money(cny("344.14"), "en")).toBe("¥344.14");
  });

  it("writes a real minus before the symbol, and a plus only when asked", () => {
    expect(money(cny("-50.00"), "en")).toBe("−¥50.00");
    expect(money(cny("20.00"), "en", true)).toBe("+¥20.00");
    expect(money(cny("0.00"), "en", true)).toBe("¥0.00");
  });

  it("groups thousands on the text, beyond what a number holds exactly", () => {
    expect(money(cny("90071992547409.91"), "en")).toBe("¥90,071,992,547,409.91");
    expect(money(cny("123456789012345678.01"), "en")).toBe("¥123,456,789,012,345,678.01");
    expect(money(cny("-999.99"), "en")).toBe("−¥999.99");
  });

  it("keeps currencies without a minor unit whole", () => {
    expect(money({ currency: "KRW", major: "1200" }, "en")).toBe("₩1,200");
  });

  it("never takes another currency's symbol for the yuan's", () => {
    expect(money({ currency: "JPY", major: "1200" }, "en")).toBe("JPY 1,200");
    expect(money({ currency: "JPY", major: "1200" }, "zh-CN")).toBe("JP¥1,200");
    expect(money({ currency: "USD", major: "-3.50" }, "zh-CN")).toBe("−US$3.50");
  });

  it("calls currencies by their names for those who hear them", () => {
    expect(currencyName("CNY", "zh-CN")).toBe("人民币");
    expect(currencyName("CNY", "en")).toBe("Chinese Yuan");
  });

  it("knows nothing from little", () => {
    expect(isZero(cny("0.00"))).toBe(true);
    expect(isZero(cny("0.01"))).toBe(false);
    expect(isNegative(cny("-0.01"))).toBe(true);
    expect(isNegative(cny("-0.00"))).toBe(false);
  });
});
