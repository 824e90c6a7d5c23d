// The one door to the program behind the window: one function per command.
import { type UnlistenFn, listen } from "@tauri-apps/api/event";
import { invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import type {
  BookStatus,
  EvidenceView,
  HomeView,
  ImportProgress,
  ImportReport,
  LinePage,
  PayoutFilter,
  PayoutPage,
  PayoutView,
  Preferences,
  SearchView,
} from "./types";

/** Stops listening. */
export type Unlisten = () => void;

/** A file held over the window, let go of, or carried away again. */
export type DropEvent =
  | { kind: "over" }
  | { kind: "leave" }
  | { kind: "drop"; paths: string[] };

// A build with VITE_STUB=1 answers from samples, so that pages can be worked on in a browser.
declare const STUBBED: boolean;

async function call<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
  if (STUBBED) {
    const stub = await import("./stub");
    return (await stub.answer(command, args)) as T;
  }
  return invoke<T>(command, args);
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

/** The line of a stored file as it was read, with its neighbours. */
export const evidence = (document: string, lineNo: number) =>
  call<EvidenceView>("evidence", { document, lineNo });

/** Lines that carry every word typed: a number's tail, an amount, a day, a text, its pinyin. */
export const search = (typed: string, limit: number) =>
  call<SearchView>("search", { typed, limit });

/** Reads files and folders into the book. Ends early when `cancelImport` is called. */
export const importPaths = (paths: string[]) => call<ImportReport>("import_paths", { paths });

/** Stops the running import after the file at hand. */
export const cancelImport = () => call<null>("cancel_import");

/** Asks for files in the system's own dialog. Empty when the person thought better of it. */
export const chooseFiles = () => call<string[]>("choose_files");

/** Asks where to save; null when the person thought better of it. */
export const chooseStatementPath = (suggested: string) =>
  call<string | null>("choose_statement_path", { suggested });

/** Writes the statement of a payout; the answer is the path written. */
export const saveStatement = (payoutId: string, format: string, path: string, lang: string) =>
  call<string>("save_statement", { payoutId, format, path, lang });

/** Language and colours the person chose. */
export const preferences = () => call<Preferences>("preferences");

/** Remembers language and colours. */
export const savePreferences = (preferences: Preferences) =>
  call<null>("save_preferences", { preferences });

/** Calls back with the progress of a running import. */
export async function onImportProgress(tell: (at: ImportProgress) => void): Promise<Unlisten> {
  if (STUBBED) return (await import("./stub")).onProgress(tell);
  const stop: UnlistenFn = await listen<ImportProgress>("import_progress", (event) => {
    tell(event.payload);
  });
  return stop;
}

/** Calls back when files are dragged over the window and dropped on it. */
export async function onFilesDropped(tell: (event: DropEvent) => void): Promise<Unlisten> {
  if (STUBBED) return () => undefined;
  return getCurrentWebview().onDragDropEvent(({ payload }) => {
    if (payload.type === "drop") tell({ kind: "drop", paths: payload.paths });
    else tell({ kind: payload.type === "leave" ? "leave" : "over" });
  });
}
