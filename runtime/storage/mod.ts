/**
 * Where a node keeps its state: the contract and its implementations.
 *
 * @module
 */

export type { Check, CommitOutcome, Entry, Storage, StorageKey, Write } from "./storage.ts";
export { memoryStorage } from "./memory.ts";
export { type DenoKvOptions, openDenoKv } from "./kv/deno_kv.ts";
export { isKvServer } from "./kv/sqlite_file.ts";
export {
  DataFolder,
  type DataFolderOptions,
  type OpenDatabase,
  type OpenDatabaseOptions,
} from "./data_folder/data_folder.ts";
export { type NodeFile, type NodeInfo, readNodeFile } from "./data_folder/node_file.ts";
