/**
 * Where a node keeps its state: the contract, its implementations, and the queue in front of them.
 *
 * @module
 */

export type { Check, CommitOutcome, Entry, Storage, StorageKey, Write } from "./storage.ts";
export { memoryStorage } from "./memory.ts";
export { type DenoKvOptions, openDenoKv } from "./deno_kv.ts";
export { DataDirectory, type DataDirectoryOptions } from "./data_directory.ts";
export { type NodeFile, type NodeInfo, readNodeFile } from "./node_file.ts";
export { CommitQueue, type CommitQueueOptions, type QueuedWrite } from "./commit_queue.ts";
