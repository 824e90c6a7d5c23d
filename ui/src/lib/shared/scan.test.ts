import { expect, it } from "vitest";
import { ScanGun } from "./scan";

const type = (text: string, pace: number) => {
  const gun = new ScanGun();
  return [...text, "Enter"].map((key, at) => gun.press(key, 1000 + at * pace));
};

it("tells a gun from a hand by its pace", () => {
  expect(type("QZ4021", 12).at(-1)).toEqual({ code: "QZ4021" });
  expect(type("QZ4021", 120)).toEqual(Array(7).fill(undefined));
});

it("knows a gun by its third key, and leaves a hand two", () => {
  expect(type("QZ4", 12)).toEqual([undefined, undefined, {}, {}]);
  expect(type("Q", 12)).toEqual([undefined, undefined]);
});

it("looks for no code that is shorter than a number is", () => {
  expect(type("4021", 12).at(-1)).toEqual({});
});

it("leaves what a hand typed before out of a code", () => {
  const gun = new ScanGun();
  gun.press("k", 0);
  const keys = ["Shift", "Q", "Z", "4", "0", "2", "1", "Enter"];
  expect(keys.map((key, at) => gun.press(key, 5000 + at * 12)).at(-1)).toEqual({ code: "QZ4021" });
});

it("hears capitals through the Shift before them", () => {
  const gun = new ScanGun();
  const keys = ["Shift", "Q", "Shift", "Z", "4", "0", "2", "1", "Enter"];
  expect(keys.map((key, at) => gun.press(key, at * 12)).at(-1)).toEqual({ code: "QZ4021" });
});
