// The message catalogue: flat keys, `{name}` marks a place, the same files the Rust core reads.
// A new area is a file in each language: its import, its place in `zh` and in `en`.
import acquirersEn from "$messages/acquirers.en.json";
import acquirersZh from "$messages/acquirers.zh.json";
import bankEn from "$messages/bank.en.json";
import bankZh from "$messages/bank.zh.json";
import billRowsEn from "$messages/bill_rows.en.json";
import billRowsZh from "$messages/bill_rows.zh.json";
import breaksEn from "$messages/breaks.en.json";
import breaksZh from "$messages/breaks.zh.json";
import calendarEn from "$messages/calendar.en.json";
import calendarZh from "$messages/calendar.zh.json";
import channelsEn from "$messages/channels.en.json";
import channelsZh from "$messages/channels.zh.json";
import channelsPageEn from "$messages/channels_page.en.json";
import channelsPageZh from "$messages/channels_page.zh.json";
import collectEn from "$messages/collect.en.json";
import collectZh from "$messages/collect.zh.json";
import differencesEn from "$messages/differences.en.json";
import differencesZh from "$messages/differences.zh.json";
import errorsEn from "$messages/errors.en.json";
import errorsZh from "$messages/errors.zh.json";
import helpEn from "$messages/help.en.json";
import helpZh from "$messages/help.zh.json";
import homeEn from "$messages/home.en.json";
import homeZh from "$messages/home.zh.json";
import importsEn from "$messages/imports.en.json";
import importsZh from "$messages/imports.zh.json";
import jobsEn from "$messages/jobs.en.json";
import jobsZh from "$messages/jobs.zh.json";
import ledgerEn from "$messages/ledger.en.json";
import ledgerZh from "$messages/ledger.zh.json";
import listsEn from "$messages/lists.en.json";
import listsZh from "$messages/lists.zh.json";
import ordersEn from "$messages/orders.en.json";
import ordersZh from "$messages/orders.zh.json";
import pagesEn from "$messages/pages.en.json";
import pagesZh from "$messages/pages.zh.json";
import paymentsEn from "$messages/payments.en.json";
import paymentsZh from "$messages/payments.zh.json";
import reportsEn from "$messages/reports.en.json";
import reportsZh from "$messages/reports.zh.json";
import searchEn from "$messages/search.en.json";
import searchZh from "$messages/search.zh.json";
import settingsEn from "$messages/settings.en.json";
import settingsZh from "$messages/settings.zh.json";
import shellEn from "$messages/shell.en.json";
import shellZh from "$messages/shell.zh.json";
import statementEn from "$messages/statement.en.json";
import statementZh from "$messages/statement.zh.json";
import statementsEn from "$messages/statements.en.json";
import statementsZh from "$messages/statements.zh.json";
import tendersEn from "$messages/tenders.en.json";
import tendersZh from "$messages/tenders.zh.json";
import tillEn from "$messages/till.en.json";
import tillZh from "$messages/till.zh.json";
import decisionsEn from "$messages/decisions.en.json";
import decisionsZh from "$messages/decisions.zh.json";
import uiEn from "$messages/ui.en.json";
import uiZh from "$messages/ui.zh.json";

/** Why a file is not read; the other errors come with their words from the program. */
function refusals(errors: Record<string, string>): Record<`refusal.${string}`, string> {
  const looks = Object.entries(errors).filter(([key]) => key.startsWith("refusal.unknown_file:"));
  return Object.fromEntries(looks);
}

/** Words of statements that a page shows them by; the rest stands in the files alone. */
const PRINTED = [
  "statement.channel",
  "statement.clock",
  "statement.col.amount",
  "statement.col.arrived_on",
  "statement.col.channel",
  "statement.col.component",
  "statement.col.detail",
  "statement.col.effect",
  "statement.col.fee",
  "statement.col.goods",
  "statement.col.gross",
  "statement.col.kind",
  "statement.col.left_on",
  "statement.col.net",
  "statement.col.note",
  "statement.col.numbers",
  "statement.col.payout_no",
  "statement.col.record",
  "statement.col.rows",
  "statement.col.time",
  "statement.col.unexplained",
  "statement.component",
  "statement.days",
  "statement.fact.arrived_on",
  "statement.fact.channel",
  "statement.fact.clock",
  "statement.fact.completeness",
  "statement.fact.days",
  "statement.fact.left_on",
  "statement.fact.number",
  "statement.in_words",
  "statement.joined",
  "statement.kind",
  "statement.no_notes",
  "statement.not_arrived",
  "statement.note",
  "statement.proof.content_hash",
  "statement.section.components",
  "statement.section.lines",
  "statement.section.notes",
  "statement.section.payouts",
  "statement.title",
  "statement.total.paid",
  "statement.verdict",
] as const;

/** Those of a language. */
function printed<Words extends Record<string, string>>(all: Words): Words {
  const shown = ([key]: [string, string]) =>
    PRINTED.some((stem) => key === stem || key.startsWith(`${stem}.`));
  return Object.fromEntries(Object.entries(all).filter(shown)) as Words;
}

const zh = {
  ...acquirersZh,
  ...bankZh,
  ...billRowsZh,
  ...breaksZh,
  ...calendarZh,
  ...channelsZh,
  ...channelsPageZh,
  ...collectZh,
  ...differencesZh,
  ...refusals(errorsZh),
  ...helpZh,
  ...homeZh,
  ...importsZh,
  ...jobsZh,
  ...decisionsZh,
  ...ledgerZh,
  ...listsZh,
  ...ordersZh,
  ...pagesZh,
  ...paymentsZh,
  ...reportsZh,
  ...searchZh,
  ...settingsZh,
  ...shellZh,
  ...printed(statementZh),
  ...statementsZh,
  ...tendersZh,
  ...tillZh,
  ...uiZh,
};
const en = {
  ...acquirersEn,
  ...bankEn,
  ...billRowsEn,
  ...breaksEn,
  ...calendarEn,
  ...channelsEn,
  ...channelsPageEn,
  ...collectEn,
  ...differencesEn,
  ...refusals(errorsEn),
  ...helpEn,
  ...homeEn,
  ...importsEn,
  ...jobsEn,
  ...decisionsEn,
  ...ledgerEn,
  ...listsEn,
  ...ordersEn,
  ...pagesEn,
  ...paymentsEn,
  ...reportsEn,
  ...searchEn,
  ...settingsEn,
  ...shellEn,
  ...printed(statementEn),
  ...statementsEn,
  ...tendersEn,
  ...tillEn,
  ...uiEn,
};

/** A key of the catalogue; a key that is not there does not compile. */
export type Key = keyof typeof zh;
/** A language of the window. */
export type Language = "zh" | "en";
/** What fills the places of a message. */
export type Places = Record<string, string | number>;

const CATALOGUES: Record<Language, Record<string, string>> = { zh, en };

/** Every key of a language, for the tests. */
export const keysOf = (language: Language): string[] => Object.keys(CATALOGUES[language]);

/** The text of `key`; `undefined` when the catalogue has none. */
export function find(language: Language, key: string): string | undefined {
  return CATALOGUES[language][key];
}

/** Fills `{name}` places. An unknown place stays visible, so that a slip is seen. */
export function fill(text: string, places: Places): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}

const forms: Record<Language, Intl.PluralRules> = {
  zh: new Intl.PluralRules("zh"),
  en: new Intl.PluralRules("en"),
};

/** English wants another form for one; Chinese has one form for all. */
export function plural(language: Language, key: string, count: number): string {
  const form = forms[language].select(count);
  return find(language, `${key}.${form}`) ?? find(language, `${key}.other`) ?? key;
}
