import { beforeEach, expect, it } from "vitest";
import { fullName, nameOf } from "./accounts";
import { words } from "./words.svelte";

beforeEach(() => {
  words.language = "zh";
});

it("says of a number at the till what it is a number of", () => {
  expect(nameOf("assets:till:cash:1")).toBe("收银台 1");
  expect(fullName("revenues:sales:cash:1")).toBe("销售 · 现金 · 收银台 1");
  expect(fullName("assets:till:pos_slip:8001")).toBe("在手款项 · POS 签购单 · 终端 8001");
});

it("leaves a channel's number as it is", () => {
  expect(fullName("assets:pending:wechat_pay:1900000109")).toBe("待入账 · 微信支付 · 1900000109");
  expect(nameOf("assets")).toBe("资产");
});
