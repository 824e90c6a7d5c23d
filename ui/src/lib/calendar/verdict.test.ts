import { beforeEach, expect, it } from "vitest";
import { words } from "$lib/shared/words.svelte";
import { checkName } from "./verdict";

beforeEach(() => {
  words.language = "zh";
});

it("says of a total whether rows are counted or money is summed", () => {
  expect(checkName("count:支出合计")).toBe("支出合计笔数");
  expect(checkName("sum:支出合计")).toBe("支出合计");
  expect(checkName("count:收入笔数")).toBe("收入笔数");
  expect(checkName("sum:po_1")).toBe("金额：po_1");
});

it("tells the file's own total from that of the summary beside it", () => {
  expect(checkName("sum:收入金额")).toBe("收入金额");
  expect(checkName("summary:in_amount")).toBe("收入金额（与汇总文件核对）");
});

it("begins every name with a capital in English", () => {
  words.language = "en";
  for (const code of ["count:支出合计", "sum:手续费总金额", "summary:net", "row_count"]) {
    expect(checkName(code)).toMatch(/^[A-Z]/);
  }
});
