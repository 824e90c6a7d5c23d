// How sample payments were made; never part of a release build.
import type { Amount } from "./types";

/** Words the sample payments have. */
export const WORDS = {
  scenes: ["JSAPI", "MICROPAY", "MINIPROG", "NATIVE"],
  banks: ["CMB_CREDIT", "ICBC_DEBIT", "OTHERS"],
};

/** What a sample row says of the way it was paid, and of what was given back. */
export function paidHow(index: number, minor: number, payment: boolean) {
  if (!payment) return { scene: "", bank: "", back: null, backHow: null };
  const how = index % 13 !== 4 ? "none" : index % 2 ? "whole" : "part";
  const given = how === "whole" ? minor : Math.round(minor / 3);
  const digits = String(given).padStart(3, "0");
  const major = `${digits.slice(0, -2)}.${digits.slice(-2)}`;
  const back: Amount | null = how === "none" ? null : { minor: given, currency: "CNY", major };
  const scene = WORDS.scenes[index % WORDS.scenes.length] ?? "";
  return { scene, bank: WORDS.banks[index % WORDS.banks.length] ?? "", back, backHow: how };
}
