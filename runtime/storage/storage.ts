/**
 * The contract of a store. Three things stand on it: the state of processes, and (later) schedules and leases. Every
 * implementation passes `testing/storage_conformance.ts`.
 */

import { DenizenError } from "../errors.ts";
import { COMMIT_CHECKS_MAX, STORAGE_KEY_BYTES_MAX } from "../limits.ts";

/**
 * Parts of well-formed text, at least one, none empty, of `STORAGE_KEY_BYTES_MAX` in all. Keys order by their parts, each by its
 * UTF-8 bytes.
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

/** The version a key must have for a commit to happen; `null` says that it must not exist. */
export interface Check {
  readonly key: StorageKey;
  readonly version: string | null;
}

export type CommitOutcome =
  | { readonly ok: true }
  /** A check did not hold, and nothing was written. */
  | { readonly ok: false; readonly conflict: StorageKey };

export interface Storage extends AsyncDisposable {
  /** What a person would call it: `memory`, or the path of its file. */
  readonly name: string;

  /**
   * Reads one key. MUST return what the last successful commit wrote, whole: a process that loads half of a state, or an old
   * one, answers with what never was.
   */
  get(key: StorageKey): Promise<Entry | undefined>;

  /**
   * Every entry whose key starts with `prefix` and is longer, in key order. MUST be sorted: readers stop at the first key that
   * is out of their range. Each entry is whole, but the list is no snapshot: what is written meanwhile may be in it or not.
   */
  list(prefix: StorageKey): AsyncIterable<Entry>;

  /**
   * Writes all of `writes`, or none of them if a check fails or an error is thrown. A `null` value deletes; of two writes to
   * one key the last counts. MUST be durable when it resolves, whatever happens to the machine: replies are sent on it (G3).
   * Values and numbers of writes are bounded by the caller's memory only; the store splits what its own limits need split,
   * and stays atomic. Of `checks` there may be `COMMIT_CHECKS_MAX`.
   *
   * @throws {DenizenError} `storage` (try again), `disk_full`, `data_read_only`, `data_corrupt`, or `invalid_argument` for too
   * many checks or a key that no store takes. Nothing was written then.
   */
  commit(writes: readonly Write[], checks?: readonly Check[]): Promise<CommitOutcome>;

  /** Tells of every change to `key`, first of its present value, until the iterator is returned. */
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

/** @throws {DenizenError} `invalid_argument` if `key` is not one that every store takes and tells apart from all others. */
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
