// What is asked of the program about channels: connections, their keys, their days.
import { call } from "./client";
import type {
  BusinessView, CheckedKeysView, ConnectionKindView, ConnectionView, CoverageView,
  DefinedChannelView, KeyFileView, SetupInput, SourceView, StatementSubject, TenderView,
} from "./types";

/** Writes this computer's key for channels where the person says; false: thought better of it. */
export const carryKey = (passphrase: string) => call<boolean>("carry_key", { passphrase });

/** Takes the key that another computer wrote; false: thought better of it. */
export const receiveKey = (passphrase: string) => call<boolean>("receive_key", { passphrase });

/** Every connection with its health. */
export const listConnections = () => call<ConnectionView[]>("list_connections");

/** What the money of every channel of the book did of late. */
export const channelBusinesses = () => call<BusinessView[]>("channel_businesses");

/** What can be connected, and what each kind is set up with. */
export const connectionKinds = () => call<ConnectionKindView[]>("connection_kinds");

/** Every way to pay that is known, and what the book's bills call them. */
export const listTenders = () => call<TenderView[]>("list_tenders");
export const listSources = () => call<SourceView[]>("list_sources");

/** Channels that nobody can ask, known by their files. */
export const definedChannels = () => call<DefinedChannelView[]>("defined_channels");
export const nameChannel = (code: string, name: string) =>
  call<DefinedChannelView[]>("name_channel", { code, name });

/** Asks for the file of a field in the system's dialog; the program reads and keeps it. */
export const chooseKeyFile = (kind: string, field: string) =>
  call<KeyFileView | null>("choose_key_file", { kind, field });

/** Takes files that were dropped on the form, each for the field that it fits. */
export const dropKeyFiles = (kind: string, paths: string[]) =>
  call<KeyFileView[]>("drop_key_files", { kind, paths });

/** Forgets the files that were picked: the form is closed. */
export const forgetKeyFiles = () => call<null>("forget_key_files");

/** Tries keys before they are kept. */
export const trySetup = (setup: SetupInput) => call<CheckedKeysView>("try_setup", { setup });

/** Connects an account and seals its keys; the answer is its number. */
export const addConnection = (setup: SetupInput, name: string, from: string | null) =>
  call<number>("add_connection", { setup, name, from });

/** Gives a connection new keys, beside the old ones. */
export const renewConnection = (id: number, setup: SetupInput) =>
  call<null>("renew_connection", { id, setup });

/** Lets a connection's other keys sign: the way back while keys change. */
export const useKeys = (id: number, keys: number) => call<null>("use_keys", { id, keys });

/** Takes keys away that do not sign: the end of a change. */
export const retireKeys = (id: number, keys: number) => call<null>("retire_keys", { id, keys });

/** Tries the keys that are kept. */
export const checkConnection = (id: number) => call<CheckedKeysView>("check_connection", { id });

/** Leaves a connection alone, or asks it again. */
export const pauseConnection = (id: number, paused: boolean) =>
  call<null>("pause_connection", { id, paused });

/** Gives a connection another name. */
export const renameConnection = (id: number, name: string) =>
  call<null>("rename_connection", { id, name });

/** Takes a connection and its keys away; what it brought stays. */
export const removeConnection = (id: number) => call<null>("remove_connection", { id });

/** What is known of every day of a connection, stream by stream. */
export const coverage = (id: number) => call<CoverageView[]>("coverage", { id });

/**
 * Fetches what is not here yet, empty: of all that are not paused; `again`: bills of these days
 * that were read before their end once more. The answer is the job.
 */
export const syncChannels = (connections: number[], again: StatementSubject | null = null) =>
  call<number>("sync_channels", { connections, again });
