import { expect, it } from "vitest";
import { step } from "./rove";

it("stays inside the cells, whatever key is held", () => {
  const at = { row: 0, column: 2 };
  expect(step("ArrowUp", at, 3, 4)).toEqual(at);
  expect(step("ArrowRight", at, 3, 4)).toEqual({ row: 0, column: 3 });
  expect(step("ArrowRight", { row: 0, column: 3 }, 3, 4)).toEqual({ row: 0, column: 3 });
  expect(step("PageDown", at, 3, 4)).toEqual({ row: 2, column: 2 });
  expect(step("Home", at, 3, 4)).toEqual({ row: 0, column: 0 });
  expect(step("a", at, 3, 4)).toBeUndefined();
});
