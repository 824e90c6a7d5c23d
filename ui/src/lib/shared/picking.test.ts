import { expect, it } from "vitest";
import { Picking } from "./picking.svelte";

const rows = ["a", "b", "c"].map((id) => ({ id }));

it("gives the whole list away until rows are picked, and then those", () => {
  const picking = new Picking();
  expect(picking.given).toBeNull();
  picking.pick(rows.slice(0, 2), "add", rows);
  expect(picking.given).toEqual(["a", "b"]);
  picking.pick(rows.slice(1), "toggle", rows);
  expect(picking.given).toEqual(["a", "c"]);
  picking.all();
  expect(picking.has("b")).toBe(true);
  picking.pick(rows.slice(0, 1), "toggle", rows);
  expect(picking.ids).toEqual(["b", "c"]);
  picking.none();
  expect(picking.some).toBe(false);
});

it("shows picked rows alone until they are asked for no more or none is picked", () => {
  const picking = new Picking();
  picking.alone = true;
  expect(picking.shown(rows)).toEqual(rows);
  picking.none();
  picking.pick(rows.slice(1), "add", rows);
  expect(picking.shown(rows)).toEqual(rows);
  picking.alone = true;
  expect(picking.shown(rows)).toEqual(rows.slice(1));
  picking.pick(rows.slice(1), "toggle", rows);
  expect(picking.alone).toBe(false);
  picking.pick(rows.slice(0, 1), "only", rows);
  expect(picking.shown(rows)).toEqual(rows);
});

it("keeps rows picked that a list far down no longer has", () => {
  const picking = new Picking();
  picking.pick(rows.slice(0, 1), "add", rows);
  const far = [{ id: "x" }, { id: "y" }];
  picking.pick(far.slice(0, 1), "add", far);
  picking.alone = true;
  expect(picking.shown(far).map(({ id }) => id)).toEqual(["x", "a"]);
});
