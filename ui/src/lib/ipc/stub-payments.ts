// How sample payments were made; never part of a release build.
import type { Amount, PaidView, TransactionRow } from "./types";

/** Words the sample payments have. */
export const WORDS = {
  scenes: ["JSAPI", "MICROPAY", "MINIPROG", "NATIVE"],
  banks: ["CMB_CREDIT", "ICBC_DEBIT", "OTHERS"],
};

/** What a sample row says of the way it was paid, and of what was given back. */
export function paidHow(index: number, minor: number, payment: boolean) {
  const said = { source: null, confirm: null };
  if (!payment) return { scene: "", bank: "", ...said, back: null, backHow: null };
  const how = index % 13 !== 4 ? "none" : index % 2 ? "whole" : "part";
  const given = how === "whole" ? minor : Math.round(minor / 3);
  const digits = String(given).padStart(3, "0");
  const major = `${digits.slice(0, -2)}.${digits.slice(-2)}`;
  const back: Amount | null = how === "none" ? null : { minor: given, currency: "CNY", major };
  const scene = WORDS.scenes[index % WORDS.scenes.length] ?? "";
  const bank = WORDS.banks[index % WORDS.banks.length] ?? "";
  const source = bank.endsWith("_CREDIT") ? "credit_card" : "debit_card";
  const confirm = scene === "NATIVE" ? "qr" : scene === "MICROPAY" ? "payment_code" : null;
  return { scene, bank, source, confirm, back, backHow: how };
}

/** How the payment of a sample row was made. */
export function paidOf(row: TransactionRow | undefined): PaidView {
  return {
    source: row?.source ?? null,
    confirm: row?.confirm ?? null,
    terms: null,
    termsFee: null,
    termsOnShop: false,
    underlying: null,
    underlyingChannel: null,
    underlyingNo: "",
    underlyingFee: null,
  };
}
