import { afterEach, expect, it } from "vitest";
import { words } from "$lib/shared/words.svelte";
import { problemText } from "./problem";

afterEach(() => {
  words.language = "zh";
});

it("says which column has what", () => {
  expect(problemText("bad_time", "交易时间: 2O26-01-16 14:05:33")).toBe(
    "时间无法识别：交易时间“2O26-01-16 14:05:33”",
  );
  words.language = "en";
  expect(problemText("bad_amount", "金额: 12,5O")).toBe("the amount cannot be read: 金额 “12,5O”");
});

it("names the column alone where nothing stands in it", () => {
  expect(problemText("missing_number", "账务流水号: ")).toBe("缺少单号：账务流水号");
});

it("keeps a detail that is about the whole row", () => {
  expect(problemText("bad_row", "line: no backtick")).toBe("这一行无法识别：line: no backtick");
  expect(problemText("too_few_columns", "")).toBe("列太少");
});
