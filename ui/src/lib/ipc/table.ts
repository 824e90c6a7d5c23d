// What the core does for any list: its views, its rows as text or a file, and what they add up to.
import { chooseStatementPath, saveTable, saveTransactions, tableSums } from "./client";
import { tableText, transactionsText, transactionSums, viewsOf } from "./client";
import { describeFailure } from "./failure";
import type { ListQuery, TransactionQuery } from "./types";

type Ids = string[] | null;

/** What a page gives to the tools above its list; `columns` are those of a file given out. */
export const tableOf = (query: ListQuery, columns: string[], language: string) => ({
  shelf: viewsOf(query.list),
  describe: describeFailure,
  choosePath: chooseStatementPath,
  textOf: (ids: Ids) => tableText(query, ids, columns, language),
  saveTo: (ids: Ids, path: string) => saveTable(query, ids, columns, path, language),
});

/** The same for transactions. */
export const transactionsTable = (
  query: TransactionQuery,
  columns: string[],
  language: string,
) => ({
  shelf: viewsOf("transactions"),
  describe: describeFailure,
  choosePath: chooseStatementPath,
  textOf: (ids: Ids) => transactionsText(query, ids, columns, language),
  saveTo: (ids: Ids, path: string) => saveTransactions(query, ids, columns, path, language),
});

/** Adds up rows of a list; the same words of a query give the same sums. */
export const sumsOf = (query: string) => (ids: Ids) =>
  tableSums(JSON.parse(query) as ListQuery, ids);

/** Adds up transactions: their amounts, and the fees of those that have one. */
export const transactionSumsOf = (query: string) => async (ids: Ids) => {
  const asked = JSON.parse(query) as TransactionQuery;
  const sums = await transactionSums(asked, ids);
  return sums.flatMap(({ count, amount, fee }) => [
    { column: "amount", count, amount },
    ...(asked.source === "trade" ? [{ column: "fee", count, amount: fee }] : []),
  ]);
};
