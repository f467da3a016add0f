/** The contract of a store. Every implementation passes `testing/storage_conformance.ts`. */

import { DenizenError } from "../errors.ts";
import { COMMIT_CHECKS_MAX, STORAGE_KEY_BYTES_MAX } from "../limits.ts";

/**
 * One or more parts of well-formed, non-empty text, `STORAGE_KEY_BYTES_MAX` in all. Keys are ordered part by
 * part, each by its UTF-8 bytes.
 */
export type StorageKey = readonly string[];

export interface Entry {
  readonly key: StorageKey;
  readonly value: Uint8Array;
  /** Changes with every write of the key, and never comes back. Compare for equality only. */
  readonly version: string;
}

export type Write =
  | { readonly key: StorageKey; readonly value: Uint8Array }
  | { readonly key: StorageKey; readonly value: null };

/** The version that a key must have for a commit to happen; `null` if it must not exist. */
export interface Check {
  readonly key: StorageKey;
  readonly version: string | null;
}

export type CommitOutcome =
  /**
   * `version` is that of every entry written; `undefined` if they have several, as after a large commit, or
   * none.
   */
  | { readonly ok: true; readonly version?: string }
  /** A check did not hold, and nothing was written. */
  | { readonly ok: false; readonly conflict: StorageKey };

/** Which entries a list has, and in which order. */
export interface ListOptions {
  /** Only keys that start with it and are longer. `[]` has every key. */
  readonly prefix: StorageKey;
  /** Only this key and those after it. */
  readonly start?: StorageKey;
  /** Only keys before this one. */
  readonly end?: StorageKey;
  /** How many entries at most. Default: all. */
  readonly limit?: number;
  /** The last key first. Default: false. */
  readonly reverse?: boolean;
}

export interface Storage extends AsyncDisposable {
  /** For people: `memory`, the path of its file, or its URL. */
  readonly name: string;

  /** Whether programs on other machines may use the same data. A node holds a lease on such a store. */
  readonly shared: boolean;

  /**
   * Reads one key. MUST return what the last successful commit wrote, whole: a process must never load half
   * of a state, or an old one.
   */
  get(key: StorageKey): Promise<Entry | undefined>;

  /**
   * The entries of a range, sorted by key. Each entry is whole, but the list is not a snapshot: a concurrent
   * write may be in it or not.
   *
   * @throws {DenizenError} `invalid_argument` for a `limit` that is not a whole number from 0.
   */
  list(options: ListOptions): AsyncIterable<Entry>;

  /**
   * Makes all of `writes`, or none of them. A `null` value deletes; of two writes to one key the last counts.
   * MUST be durable when it resolves, even if the machine loses power: replies are sent on it (G3). Values
   * and numbers of writes are bounded by the caller's memory only; the store splits what its own limits need
   * split, and stays atomic. There may be `COMMIT_CHECKS_MAX` checks.
   *
   * @throws {DenizenError} `storage` (try again), `disk_full`, `data_read_only`, `data_corrupt`, or
   * `invalid_argument` for too many checks or a key that no store takes. Nothing was written then, unless the
   * store is {@link Storage.shared}: over a network the commit may have been made, or may yet be made.
   * `commit/fence.ts` finds out.
   */
  commit(writes: readonly Write[], checks?: readonly Check[]): Promise<CommitOutcome>;

  /**
   * Yields the entry of `key` now and after every change, until the iterator is returned. A slow reader gets
   * the last of several changes, and never a part of a commit.
   */
  watch(key: StorageKey): AsyncIterable<Entry | undefined>;

  /** Nothing may be called afterwards. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws {DenizenError} `invalid_argument` if a commit has more checks than every store takes. */
export function assertChecksFit(name: string, checks: readonly Check[]): void {
  if (checks.length <= COMMIT_CHECKS_MAX) return;
  throw new DenizenError(
    "invalid_argument",
    `Cannot commit to ${name} as it has more checks than COMMIT_CHECKS_MAX, which is ${COMMIT_CHECKS_MAX}: ${checks.length}`,
  );
}

/** @throws {DenizenError} `invalid_argument` if `limit` is not a number of entries. */
export function assertLimitFits(name: string, { limit }: ListOptions): void {
  if (limit === undefined || Number.isSafeInteger(limit) && limit >= 0) return;
  throw new DenizenError(
    "invalid_argument",
    `Cannot list entries of ${name} as the limit is not a whole number from 0: ${limit}`,
  );
}

/** The bytes of `key` in a store, or somewhat more. Cheap for keys of common length. */
export function keyBytes(key: StorageKey): number {
  // A UTF-16 unit takes three bytes at most, and a part two more, if it has no zeros.
  let bytes = 0;
  for (const part of key) bytes += 3 * part.length + 2;
  if (bytes <= STORAGE_KEY_BYTES_MAX) return bytes;
  bytes = 0;
  for (const part of key) bytes += new TextEncoder().encode(part).length + part.split("\0").length + 1;
  return bytes;
}

/**
 * @throws {DenizenError} `invalid_argument` if `key` is not one that every store takes and tells apart from
 * all others.
 */
export function assertKeyFits(key: StorageKey): void {
  for (const part of key) {
    // A store keeps UTF-8, where all lone surrogates are the same replacement character.
    if (part === "" || !part.isWellFormed()) {
      throw badKey(key, "a part of its key is empty or not well-formed text");
    }
  }
  if (key.length === 0) throw badKey(key, "its key has no parts");
  if (keyBytes(key) > STORAGE_KEY_BYTES_MAX) {
    throw badKey(key, `its key is longer than STORAGE_KEY_BYTES_MAX, which is ${STORAGE_KEY_BYTES_MAX}`);
  }
}

function badKey(key: StorageKey, reason: string): DenizenError {
  const shown = JSON.stringify(key);
  const text = shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
  return new DenizenError("invalid_argument", `Cannot write an entry as ${reason}: ${text}`);
}
