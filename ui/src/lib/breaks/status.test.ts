import { expect, it } from "vitest";
import type { BreakRow } from "$lib/ipc/types";
import { words } from "$lib/shared/words.svelte";
import { accountName, actOf, doesOf, isOutside, isPursued, recordName } from "./status";

const row = (change: Partial<BreakRow>) => ({ state: "open", act: "", ...change }) as BreakRow;

it("leads where the suggestion says, and accepts only what is to be accepted", () => {
  const does = (suggestion: string) => doesOf(row({ suggestion }));
  expect(does("import_bill")).toBe("import");
  expect(does("claim")).toBe("claim");
  expect(["ask_channel", "ask_bank", "ask_receiver"].map(does)).toEqual(["ask", "ask", "ask"]);
  expect(does("classify")).toBe("classify");
  expect(["accept_rounding", "accept_late", "carry_over"].map(does)).toEqual(
    Array(3).fill("accept"),
  );
});

it("promises nothing that the program does not do", () => {
  words.language = "en";
  const act = (suggestion: string) => actOf(row({ suggestion }));
  const outside = ["refund_buyer", "refund_again", "correct_order", "record_order", "rebind_bank"];
  for (const each of [...outside, "check_order", "check_refund"]) {
    expect(isOutside(row({ suggestion: each }))).toBe(true);
    expect(act(each)).toBe("Done: mark as explained");
  }
  expect(act("ask_bank")).toBe("Mark as asked");
  expect(act("claim")).toBe("Mark as claimed");
  for (const each of ["classify", "import_bill", "accept_late", "carry_over", "take_back"]) {
    expect(isOutside(row({ suggestion: each }))).toBe(false);
  }
  expect(act("accept_rounding")).toBe("Accept as rounding");
});

it("waits for an answer only while the difference is open", () => {
  expect(isPursued(row({ act: "claim" }))).toBe(true);
  expect(isPursued(row({ act: "ask" }))).toBe(true);
  expect(isPursued(row({ act: "changed" }))).toBe(false);
  expect(isPursued(row({ act: "claim", state: "explained" }))).toBe(false);
});

it("names accounts and records and leaves their numbers as they are", () => {
  words.language = "en";
  expect(accountName("wechat_pay:1900000109")).toBe("WeChat Pay 1900000109");
  expect(recordName("fund:5030")).toBe("Balance transaction 5030");
  expect(recordName("payment:4200:1")).toBe("Payment 4200:1");
});
