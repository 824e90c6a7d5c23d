// The one door to the program behind the window: one function per command.
import { type UnlistenFn, listen } from "@tauri-apps/api/event";
import { invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { asking } from "./asking.svelte";
import type {
  AccountRow, BankAccountView, BankPage, BankQuery, BookSettings, BookStatus, BreakPage,
  BreakView, BridgeView, CardDetail, CertificateView, ChartQuery, ChartView, ClassifyInput,
  CollectionView, CounterPage, CountView, DecideInput, DecidedView, DecisionView, EntryPage,
  EvidenceView, FeeCheckView, FigureQuery, FilePage, Freshness, HeatCellView, HomeView,
  IssuedStatement, JobView, LinePage, ListQuery, ListSum, MendAnswer, MoneyMap, OrderPage,
  OrderQuery, OrderStoryView, OwnAccountView, PaymentWords, PayoutFilter, PayoutPage, PayoutView,
  Place, Preferences, PreviewView, RateView, RecentBook, ReportQuery, ReviewView, RevisionView,
  RowsPage, RuleInput, RuleView, SearchView, SeriesView, SetAsidePage, StatementCheck,
  StatementSubject, StatementView, SumView, TablePreview, TillDetail, TillInput, TillPage,
  TransactionDetail, TransactionPage, TransactionQuery, ViewRow, WriteOffTermsView,
} from "./types";

export * from "./client-channels";

/** Stops listening. */
export type Unlisten = () => void;

/** A file held over the window, let go of, or carried away again. */
export type DropEvent =
  | { kind: "over" }
  | { kind: "leave" }
  | { kind: "drop"; paths: string[] };

// A build with VITE_STUB=1 answers from samples, so that pages can be worked on in a browser.
declare const STUBBED: boolean;

/** Asks the program; each command has its own function below or beside this file. */
export async function call<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
  asking.begins();
  try {
    if (STUBBED) {
      const stub = await import("./stub");
      return (await stub.answer(command, args)) as T;
    }
    return await invoke<T>(command, args);
  } finally {
    asking.ends();
  }
}

/** Which book is open, how it can be unlocked, and to which day its data reach. */
export const bookStatus = () => call<BookStatus>("book_status");

/** A way into a book; `server` when the login of its database decides. */
export type Way = "passphrase" | "recovery_code" | "keyring" | "server";

/** Opens the book at `path`. `secret` is the passphrase or the recovery code as typed. */
export const openBook = (path: string, way: Way, secret: string) =>
  call<BookStatus>("open_book", { path, way, secret });

/** Makes a book. The answer is its recovery code: shown once, kept by the person. */
export const createBook = (path: string, company: string, passphrase: string) =>
  call<string | null>("create_book", { path, company, passphrase });

/** Makes and opens the demo company's book. */
export const openDemo = () => call<BookStatus>("open_demo");

/** What happened since the last visit, where the money is, what needs a decision. */
export const home = () => call<HomeView>("home");

/** Where the money was at the end of a day; `until` null: where it is. */
export const moneyMap = (until: string | null) => call<MoneyMap>("money_map", { until });

/** Payouts, newest first, a keyset page at a time. `cursor` null: the first page. */
export const listPayouts = (cursor: string | null, limit: number, filter: PayoutFilter) =>
  call<PayoutPage>("list_payouts", { cursor, limit, filter });

/** One payout with its components, its bank line and its breaks. */
export const payout = (id: string) => call<PayoutView>("payout", { id });

/** The rows behind one component of a payout; `component` null: every row. */
export const payoutLines = (
  id: string,
  component: string | null,
  cursor: string | null,
  limit: number,
) => call<LinePage>("payout_lines", { id, component, cursor, limit });

/** Breaks in an order, a keyset page at a time; a state and a kind narrow them. */
export const listBreaks = (
  cursor: string | null,
  limit: number,
  state: string | null,
  kind: string | null,
  sort: string,
) => call<BreakPage>("list_breaks", { cursor, limit, state, kind, sort });

/** Breaks as they stand now, by id; the counts are those of a state. At most 500. */
export const breaksAgain = (ids: string[], state: string | null) =>
  call<BreakPage>("breaks_again", { ids, state });

/** One break with where it leads and what was decided about it. */
export const breakView = (id: string) => call<BreakView>("break_view", { id });

/** Decides about breaks. */
export const decide = (input: DecideInput) => call<DecidedView>("decide", { input });

/** What deciding every open break of a kind would do. */
export const previewDecide = (kind: string, act: string) =>
  call<PreviewView>("preview_decide", { kind, act });

/** Says what a row of unknown kind is, once or always. */
export const classify = (input: ClassifyInput) => call<DecidedView>("classify", { input });

/** What a classification would change. */
export const previewClassify = (input: ClassifyInput) =>
  call<PreviewView>("preview_classify", { input });

/** Makes a rule for a kind of break. */
export const addRule = (input: RuleInput) => call<DecidedView>("add_rule", { input });

/** What a rule would change. */
export const previewRule = (input: RuleInput) => call<PreviewView>("preview_rule", { input });

/** The rules that hold, the newest first. */
export const listRules = () => call<RuleView[]>("list_rules");

/** Takes a rule back, with what stands by it. */
export const removeRule = (id: number) => call<DecidedView>("remove_rule", { id });

/** Takes the last decision back. */
export const undoDecision = () => call<DecidedView>("undo_decision");

/** What may be written off, and which account bears it. */
export const writeOffTerms = () => call<WriteOffTermsView>("write_off_terms");

/** Marks a payout as seen; the answer names the next. */
export const reviewPayout = (id: string) => call<ReviewView>("review_payout", { id });

/** Notes something on a payout. */
export const notePayout = (id: string, text: string) => call<null>("note_payout", { id, text });

/** Reviews and notes of a payout, newest first. */
export const payoutDecisions = (id: string) => call<DecisionView[]>("payout_decisions", { id });

/** The fees of a payout, computed again. */
export const payoutFees = (id: string) => call<FeeCheckView>("payout_fees", { id });

/** The line of a stored file as it was read, with its neighbours. */
export const evidence = (document: string, lineNo: number) =>
  call<EvidenceView>("evidence", { document, lineNo });

/** Lines that carry every word typed: a number's tail, an amount, a day, a text, its pinyin. */
export const search = (typed: string, limit: number) =>
  call<SearchView>("search", { typed, limit });

/** Transactions in the order asked for, a keyset page at a time. */
export const listTransactions = (query: TransactionQuery, cursor: string | null, limit: number) =>
  call<TransactionPage>("list_transactions", { query, cursor, limit });

/** Sums by currency over some rows; `ids` null: over everything the query lets through. */
export const transactionSums = (query: TransactionQuery, ids: string[] | null) =>
  call<SumView[]>("transaction_sums", { query, ids });

/** A transaction with the order, the payment and the payout around it. */
export const transaction = (id: string) => call<TransactionDetail>("transaction", { id });

/** Rows as tabbed text for the clipboard; `ids` null: all of them. */
export const transactionsText = (
  query: TransactionQuery,
  ids: string[] | null,
  columns: string[],
  lang: string,
) => call<string>("transactions_text", { query, ids, columns, lang });

/** Writes rows to the path the person chose; its ending says how. The answer is how many. */
export const saveTransactions = (
  query: TransactionQuery,
  ids: string[] | null,
  columns: string[],
  path: string,
  lang: string,
) => call<number>("save_transactions", { query, ids, columns, path, lang });

/** Saved views of a list, by name; one of the same name is replaced. */
export const viewsOf = (list: string) => ({
  all: () => call<ViewRow[]>("list_views", { list }),
  save: (name: string, body: string) => call<null>("save_view", { list, name, body }),
  remove: (name: string) => call<null>("remove_view", { list, name }),
});

/** Rows of a list as tabbed text for the clipboard; `ids` null: all of them. */
export const tableText = (
  query: ListQuery,
  ids: string[] | null,
  columns: string[],
  lang: string,
) => call<string>("table_text", { query, ids, columns, lang });

/** Writes rows of a list to the path the person chose; the answer is how many. */
export const saveTable = (
  query: ListQuery,
  ids: string[] | null,
  columns: string[],
  path: string,
  lang: string,
) => call<number>("save_table", { query, ids, columns, path, lang });

/** A chart as a drawing for paper, in a language. */
export const drawChart = (query: ChartQuery, lang: string) =>
  call<ChartView>("draw_chart", { query, lang });

/** The rows booked from a file, in its order, a keyset page at a time. */
export const fileRows = (document: string, cursor: string | null, limit: number) =>
  call<FilePage>("file_rows", { document, cursor, limit });

/** Writes a chart to the path the person chose: an SVG as text, a PNG as hexadecimal bytes. */
export const savePicture = (path: string, content: string) =>
  call<null>("save_picture", { path, content });

/** What rows of a list add up to, by column and currency; `ids` null: all of them. */
export const tableSums = (query: ListQuery, ids: string[] | null) =>
  call<ListSum[]>("table_sums", { query, ids });

/** How far figures can be trusted. */
export const freshness = () => call<Freshness>("freshness");

/** Every account with everything above it, up to and with a day. */
export const accountTree = (until: string | null) =>
  call<AccountRow[]>("account_tree", { until });

/** The entries behind a figure of the ledger, newest first, and what they add up to. */
export const ledgerEntries = (query: FigureQuery, cursor: string | null, limit: number) =>
  call<EntryPage>("ledger_entries", { query, cursor, limit });

/** Verdicts on days, both ends inside. */
export const certificates = (from: string, to: string) =>
  call<CertificateView[]>("certificates", { from, to });

/** Words that payments can be narrowed to. */
export const paymentWords = () => call<PaymentWords>("payment_words");

/** The counters, what was asked for today, and what has no known end. */
export const counterPage = () => call<CounterPage>("counter_page");

/** Asks a buyer for money; the same nonce again answers with the same collection. */
export const beginCollection = (
  nonce: string,
  connection: number,
  amount: string,
  note: string,
) => call<CollectionView>("begin_collection", { nonce, connection, amount, note });

/** Asks the channel now what became of one. */
export const askCollection = (id: number) => call<CollectionView>("ask_collection", { id });

/** Gives one up: it is closed at the channel, unless it is paid. */
export const giveUpCollection = (id: number) =>
  call<CollectionView>("give_up_collection", { id });

/** The code of one as a drawing. */
export const collectionCode = (id: number) => call<string>("collection_code", { id });

/** Starts the practice platform for the demo company's counter. */
export const practiceCounter = () => call<null>("practice_counter");

/** Orders, newest first unless the query says otherwise, a keyset page at a time. */
export const listOrders = (query: OrderQuery, cursor: string | null, limit: number) =>
  call<OrderPage>("list_orders", { query, cursor, limit });

/** One order by its number, from its making to the bank. */
export const orderStory = (number: string) => call<OrderStoryView>("order_story", { number });

/** The bank accounts of the book. */
export const bankAccounts = () => call<BankAccountView[]>("bank_accounts");

/** Bank lines, newest first, a keyset page at a time. */
export const listBankLines = (query: BankQuery, cursor: string | null, limit: number) =>
  call<BankPage>("list_bank_lines", { query, cursor, limit });

/** Money over time by one clock. */
export const reportSeries = (clock: string, grain: string, query: ReportQuery) =>
  call<SeriesView>("report_series", { clock, grain, query });

/** Why two clocks differ over the same days. */
export const reportBridge = (from: string, to: string, query: ReportQuery) =>
  call<BridgeView>("report_bridge", { from, to, query });

/** Success and settlement rates. */
export const reportRates = (query: ReportQuery) => call<RateView[]>("report_rates", { query });

/** Payments by weekday and hour. */
export const reportHeat = (query: ReportQuery) => call<HeatCellView[]>("report_heat", { query });

/** The rows behind a figure of a report, and what they add up to. */
export const reportRows = (
  figure: string,
  query: ReportQuery,
  cursor: string | null,
  limit: number,
) => call<RowsPage>("report_rows", { figure, query, cursor, limit });

/** The currencies of the book, the yuan first. */
export const reportCurrencies = () => call<string[]>("report_currencies");

/** Every piece of long work, the latest first. */
export const listJobs = () => call<JobView[]>("list_jobs");

/** Asks a job to stop; what it had finished stays. */
export const cancelJob = (id: number) => call<null>("cancel_job", { id });

/** Puts a finished job away; null: all of them. */
export const dismissJobs = (id: number | null) => call<null>("dismiss_jobs", { id });

/** Reads files and folders, a table by its mapping; the answer is the job's number. */
export const startImport = (paths: string[], mapping: string | null = null) =>
  call<number>("start_import", { paths, mapping });

/** Compares everything again; the answer is the job's number. */
export const startReconcile = () => call<number>("start_reconcile");

/** Checks the book; the answer is the job's number. */
export const startVerify = () => call<number>("start_verify");

/** Writes a statement to the path chosen before; null: into the folder of statements. */
export const startStatement = (
  subject: StatementSubject,
  format: string,
  path: string | null,
  lang: string,
) => call<number>("start_statement", { subject, format, path, lang });

/** Asks the person how the page is to be printed. */
export const printPage = () => call<null>("print_page");

/** Where one was in the open book; null in one never left. */
export const lastPlace = () => call<Place | null>("last_place");

/** Remembers where one is, for the next start. */
export const rememberPlace = (place: Place) => call<null>("remember_place", { place });

/** Asks for files in the system's own dialog. Empty when the person thought better of it. */
export const chooseFiles = () => call<string[]>("choose_files");

/** Asks for folders. Empty when the person thought better of it. */
export const chooseFolders = () => call<string[]>("choose_folders");

/** Rows that could not be read and wait to be mended. */
export const quarantine = (cursor: string | null) =>
  call<SetAsidePage>("quarantine", { cursor });

/** Reads a row again in other words. */
export const mendRow = (document: number, line: number, text: string) =>
  call<MendAnswer>("mend_row", { document, line, text });

/** Bills of one day that differ, undecided ones first. */
export const revisions = () => call<RevisionView[]>("revisions");

/** Says which bill is the later; the answer is the list as it then is. */
export const chooseBill = (document: number) => call<RevisionView[]>("choose_bill", { document });

/** A table under a mapping (JSON) in the making; `mapping` null: the program suggests one. */
export const tablePreview = (path: string, mapping: string | null, headerLine: number | null) =>
  call<TablePreview>("table_preview", { path, mapping, headerLine });

/** First and last day with a payout; null in an empty book. */
export const statementDays = () => call<[string, string] | null>("statement_days");

/** What a statement says. */
export const statementPreview = (subject: StatementSubject, lang: string, whole = false) =>
  call<StatementView>("statement_preview", { subject, lang, whole });

/** Statements given out, the latest first. */
export const issuedStatements = () => call<IssuedStatement[]>("issued_statements");

/** Tells whether a file is a statement of this book. */
export const verifyStatement = (path: string) => call<StatementCheck>("verify_statement", { path });

/** What opens the book, and its own rules. */
export const bookSettings = () => call<BookSettings>("book_settings");

/** Sets where the signs of Alipay's fees come from. */
export const setFeeSigns = (signs: string) => call<BookSettings>("set_fee_signs", { signs });

/** What every account goes by in the shop's own chart. */
export const ownChart = () => call<OwnAccountView[]>("own_accounts");
/** Says what an account goes by; without a number it is forgotten. */
export const setOwnAccount = (own: OwnAccountView) =>
  call<OwnAccountView[]>("set_own_account", { own });
/** Takes over a standard's numbers, `small` or `business`, where none was said. */
export const takeStandardChart = (standard: string) =>
  call<OwnAccountView[]>("take_standard_chart", { standard });

/** Sets whether the window asks the channels of the book by itself. */
export const setFetches = (wanted: boolean) => call<BookSettings>("set_fetches", { wanted });

/** Sets whether it does so over a line that is paid for by the byte. */
export const setFetchesMetered = (wanted: boolean) =>
  call<BookSettings>("set_fetches_metered", { wanted });

/** Lets this computer's keyring open the book, or no longer. */
export const setKeyring = (wanted: boolean) => call<BookSettings>("set_keyring", { wanted });

/** Sets another passphrase. */
export const changePassphrase = (passphrase: string) =>
  call<BookSettings>("change_passphrase", { passphrase });

/** Makes another recovery code: shown once, kept by the person. */
export const newRecoveryCode = () => call<string>("new_recovery_code");

/** Books that were open on this computer, the latest first. */
export const recentBooks = () => call<RecentBook[]>("recent_books");

/** Puts the open book away; the door of the one at `place` is shown next. */
export const switchBook = (place: string) => call<BookStatus>("switch_book", { place });

/** A book known on this computer has moved: its entry names the new place. */
export const relocateBook = (from: string, to: string) =>
  call<null>("relocate_book", { from, to });

/** Asks where a book is; null when the person thought better of it. */
export const chooseBook = () => call<string | null>("choose_book");

/** Asks where a new book shall be; null when the person thought better of it. */
export const chooseNewBook = () => call<string | null>("choose_new_book");

/** Asks where to save; null when the person thought better of it. */
export const chooseStatementPath = (suggested: string) =>
  call<string | null>("choose_statement_path", { suggested });

/** What is in hand at the till, and what was recorded there, the newest first. */
export const tillPage = (tender: string | null, from: string | null, to: string | null) =>
  call<TillPage>("till_page", { tender, from, to });

/** One record with everything about it. */
export const tillRecord = (number: string) => call<TillDetail>("till_record", { number });

/** A prepaid card with everything that moved on it. */
export const tillCard = (card: string) => call<CardDetail>("till_card", { card });

/** Saves the day sheet where the person said. */
export const saveDaySheet = (day: string, path: string) =>
  call<null>("save_day_sheet", { day, path });

/** Records something; the same nonce again answers with the same record. */
export const recordAtTill = (input: TillInput) => call<TillDetail>("record_at_till", { input });

/** What a count of notes and coins would find; `notes` as `100.00x3 0.50x2`. */
export const weighTill = (account: string, notes: string) =>
  call<CountView>("weigh_till", { account, notes });

/** Keeps pictures or PDFs beside a record. */
export const attachToRecord = (number: string, paths: string[]) =>
  call<TillDetail>("attach_to_record", { number, paths });

/** The bytes of an attachment, hexadecimal. */
export const attachmentBytes = (id: number) => call<string>("attachment_bytes", { id });

/** Saves an attachment as it came, where the person said. */
export const saveAttachment = (id: number, path: string) =>
  call<null>("save_attachment", { id, path });

/** Language and colours the person chose. */
export const preferences = () => call<Preferences>("preferences");

/** Remembers language and colours. */
export const savePreferences = (preferences: Preferences) =>
  call<null>("save_preferences", { preferences });

/** Calls back whenever a job goes on or ends. */
export async function onJob(tell: (job: JobView) => void): Promise<Unlisten> {
  if (STUBBED) return (await import("./stub-jobs")).onJob(tell);
  const stop: UnlistenFn = await listen<JobView>("job", (event) => tell(event.payload));
  return stop;
}

/** Calls back with the item of the menu that was chosen. */
export async function onMenu(tell: (item: string) => void): Promise<Unlisten> {
  if (STUBBED) return () => undefined;
  return listen<string>("menu", (event) => tell(event.payload));
}

/** Calls back with a book's path when the program is started again for it. */
export async function onBookAsked(tell: (place: string) => void): Promise<Unlisten> {
  if (STUBBED) return () => undefined;
  return listen<string>("book_asked", (event) => tell(event.payload));
}

/** Calls back when files are dragged over the window and dropped on it. */
export async function onFilesDropped(tell: (event: DropEvent) => void): Promise<Unlisten> {
  if (STUBBED) return () => undefined;
  return getCurrentWebview().onDragDropEvent(({ payload }) => {
    if (payload.type === "drop") tell({ kind: "drop", paths: payload.paths });
    else tell({ kind: payload.type === "leave" ? "leave" : "over" });
  });
}
