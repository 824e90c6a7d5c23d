import { expect, it } from "vitest";
import { daysIn, daysOf, isDay, monthBeside, spanOf, weekdayOf } from "./period";

it("counts spans back from the last day the book knows", () => {
  const last = "2026-01-17";
  expect(daysOf("week", last)).toEqual({ from: "2026-01-11", to: last });
  expect(daysOf("month", last)).toEqual({ from: "2026-01-01", to: last });
  expect(daysOf("last_month", last)).toEqual({ from: "2025-12-01", to: "2025-12-31" });
  expect(daysOf("quarter", "2026-05-02")).toEqual({ from: "2026-04-01", to: "2026-05-02" });
  expect(daysOf("all", last)).toEqual({ from: "", to: "" });
  expect(spanOf({ from: "2025-12-01", to: "2025-12-31" }, last)).toBe("last_month");
  expect(spanOf({ from: "2025-12-02", to: "2025-12-31" }, last)).toBeUndefined();
});

it("knows the calendar", () => {
  expect(daysIn("2024-02")).toHaveLength(29);
  expect(monthBeside("2026-01", -1)).toBe("2025-12");
  expect(weekdayOf("2026-04-13")).toBe(0);
  expect(isDay("2026-02-29")).toBe(false);
  expect(isDay("2028-02-29")).toBe(true);
});
