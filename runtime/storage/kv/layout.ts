/** The layout of a Deno KV database, which `FORMAT.md` describes in words. */

import type { StorageKey } from "../storage.ts";

/** The format this program writes, and the highest it reads. */
export const FORMAT_VERSION = 2;

/** Whether this program reads `format`, and upgrades it if it is older. */
export function isReadable(format: number): boolean {
  return Number.isInteger(format) && format >= 1 && format <= FORMAT_VERSION;
}

/** Holds {@link FormatRecord}. */
export const FORMAT_KEY: StorageKey = ["f"];
export interface FormatRecord {
  readonly format: number;
}

/** Holds a commit that is durable but not yet applied to its keys. */
export const REDO_KEY: StorageKey = ["r"];

/** Rewritten to get a unique version stamp. */
export const STAMP_KEY: StorageKey = ["s"];

/** Every blob has a record under `["b", id]`, written with its first chunks and removed with its last. */
export const BLOBS_PREFIX: StorageKey = ["b"];
export const blobKey = (id: string): StorageKey => ["b", id];
export interface BlobRecord {
  /** The KV key whose value points to the blob, or did, or will. */
  readonly owner: StorageKey;
  readonly chunks: number;
}

export const chunkKey = (id: string, index: number): Deno.KvKey => ["c", id, index];

const ENTRIES_PREFIX = "e";
export const entryKey = (key: StorageKey): StorageKey => [ENTRIES_PREFIX, ...key];

/** Replaces a value above the KV limit. An inline value is always a `Uint8Array`. */
export interface BlobPointer {
  readonly blob: string;
  readonly chunks: number;
  readonly bytes: number;
}

export function isBlobPointer(value: unknown): value is BlobPointer {
  return typeof value === "object" && value !== null && "blob" in value && "chunks" in value &&
    "bytes" in value;
}
