/**
 * The store on an open Deno KV.
 *
 * A commit of small values is one KV transaction. A value above the KV limit is a blob (`blobs.ts`) and a
 * pointer. A commit above the limits of a transaction is written as one redo record, which makes it durable,
 * and then applied key by key. Every reader and writer that finds a redo record applies it first, so no part
 * of a commit is ever visible alone. `FORMAT.md` has the bytes.
 */

import { DenizenError } from "../../errors.ts";
import {
  KV_COMMIT_ATTEMPTS_MAX,
  KV_FILE_CHECKS_MAX,
  KV_LIST_PAGE_MAX,
  KV_REMOTE_CHECKS_MAX,
  KV_VALUE_BYTES_MAX,
} from "../../limits.ts";
import type { Log } from "../../log.ts";
import { Changes } from "../changes.ts";
import { compareKeys, isBelow, keyId } from "../key_order.ts";
import { KvBlobs, type StagedBlob } from "./blobs.ts";
import { kvError } from "./errors.ts";
import { blobKey, entryKey, isBlobPointer, REDO_KEY } from "./layout.ts";
import { decodeRedo, encodeRedo } from "./redo.ts";
import { fitsOneTransaction, inTransactions, TransactionSize } from "./transaction.ts";
import {
  assertChecksFit,
  assertKeyFits,
  assertLimitFits,
  type Check,
  type CommitOutcome,
  type Entry,
  type ListOptions,
  type Storage,
  type StorageKey,
  type Write,
} from "../storage.ts";

interface RawCheck {
  readonly key: StorageKey;
  readonly versionstamp: string | null;
}

const NO_REDO: RawCheck = { key: REDO_KEY, versionstamp: null };

export class KvStorage implements Storage {
  readonly #kv: Deno.Kv;
  readonly #blobs: KvBlobs;
  readonly #log: Log | undefined;
  /** Version checks that a transaction takes. */
  readonly #checksMax: number;
  #applying: Promise<void> | undefined;
  /** Work that no caller waits for. */
  #background: Promise<void> = Promise.resolve();
  #collectingSoon = false;
  #closed = false;

  /** @param shared Whether `kv` is on a server. */
  constructor(readonly name: string, kv: Deno.Kv, log: Log | undefined, readonly shared = false) {
    this.#kv = kv;
    this.#blobs = new KvBlobs(kv);
    this.#log = log;
    this.#checksMax = shared ? KV_REMOTE_CHECKS_MAX : KV_FILE_CHECKS_MAX;
  }

  /** Completes and removes what earlier runs left, while the store is already in use. */
  startSweep(): void {
    this.#inBackground(async () => {
      await this.#finishRedo();
      await this.#blobs.sweep();
    });
  }

  async get(key: StorageKey): Promise<Entry | undefined> {
    try {
      const [redo, entry] = await this.#kv.getMany<unknown[]>([REDO_KEY, entryKey(key)]);
      if (redo.versionstamp === null) return await this.#load(key, entry);
      await this.#finishRedo();
      return await this.get(key);
    } catch (thrown) {
      throw await kvError(`read ${JSON.stringify(key)} from`, this.name, thrown);
    }
  }

  async *list(options: ListOptions): AsyncIterable<Entry> {
    assertLimitFits(this.name, options);
    const selector = selectorOf(options);
    const { limit = Infinity, reverse } = options;
    let entries = 0;
    if (selector === undefined || limit === 0) return;
    try {
      while ((await this.#kv.get(REDO_KEY)).versionstamp !== null) await this.#finishRedo();
      const page = { reverse, batchSize: Math.min(limit, KV_LIST_PAGE_MAX) };
      for await (const found of this.#kv.list<unknown>(selector, page)) {
        const entry = await this.#load(found.key.slice(1) as string[], found);
        if (entry === undefined) continue;
        yield entry;
        if (++entries === limit) return;
      }
    } catch (thrown) {
      throw await kvError(`list ${JSON.stringify(options.prefix)} from`, this.name, thrown);
    }
  }

  async commit(writes: readonly Write[], checks: readonly Check[] = []): Promise<CommitOutcome> {
    assertChecksFit(this.name, checks);
    for (const { key } of writes) assertKeyFits(key);
    try {
      const outcome = await this.#smallCommit(writes, checks)?.commit();
      if (!outcome?.ok) return await this.#commitWithCare(writes, checks);
      if (this.#blobs.any) {
        for (const { key } of writes) this.#blobs.ownerChanged(entryKey(key));
        this.#collectSoon();
      }
      return { ok: true, version: outcome.versionstamp };
    } catch (thrown) {
      throw await kvError("commit to", this.name, thrown);
    }
  }

  watch(key: StorageKey): AsyncIterable<Entry | undefined> {
    const reader = this.#kv.watch<unknown[]>([REDO_KEY, entryKey(key)]).getReader();
    const changes = new Changes<Entry | undefined>(() => void reader.cancel().catch(() => {}));
    const follow = async () => {
      let last: string | null | undefined;
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        const [redo, found] = next.value;
        // While a large commit is applied, the entry may be from before or after it. Its end is the next
        // change.
        if (redo.versionstamp !== null) await this.#finishRedo();
        else if (found.versionstamp !== last) {
          const entry = await this.#load(key, found);
          last = entry?.version ?? null;
          changes.push(entry);
        }
      }
      changes.end();
    };
    follow().catch(async (thrown) =>
      changes.fail(await kvError(`watch ${JSON.stringify(key)} in`, this.name, thrown))
    );
    return changes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#blobs.stop();
    this.#closed = true;
    // A server may never answer. What is left undone is done by the next run.
    if (!this.shared) await this.#background;
    this.#kv.close();
  }

  /** The whole commit as one transaction, if it is certain to fit and has no value to stage. */
  #smallCommit(writes: readonly Write[], checks: readonly Check[]): Deno.AtomicOperation | undefined {
    const atomic = this.#kv.atomic().check(NO_REDO);
    const size = new TransactionSize(0);
    for (const { key, value } of writes) {
      const raw = { key: entryKey(key), value } as Write;
      if (!size.add(raw)) return undefined;
      if (raw.value === null) atomic.delete(raw.key);
      else if (raw.value.length <= KV_VALUE_BYTES_MAX) atomic.set(raw.key, raw.value);
      else return undefined;
    }
    for (const { key, version } of checks) atomic.check({ key: entryKey(key), versionstamp: version });
    return atomic;
  }

  /** A large commit, or one with a conflict that must be identified. */
  async #commitWithCare(writes: readonly Write[], checks: readonly Check[]): Promise<CommitOutcome> {
    const raw = rawWrites(writes);
    const rawChecks = checks.map(({ key, version }) => ({ key: entryKey(key), versionstamp: version }));
    for (let attempt = 0; attempt < KV_COMMIT_ATTEMPTS_MAX; attempt++) {
      const conflict = await this.#conflict(checks);
      if (conflict !== undefined) return { ok: false, conflict };
      await this.#finishRedo();
      if (fitsOneTransaction(raw, this.#checksMax - 1 - checks.length)) {
        const version = await this.#commitOnce(raw, [NO_REDO, ...rawChecks]);
        if (version !== undefined) return { ok: true, version };
      } else if (await this.#commitByRedo(raw, [NO_REDO, ...rawChecks])) return { ok: true };
    }
    throw new DenizenError(
      "storage",
      `Cannot commit to ${this.name} as other writers were faster each time: ${KV_COMMIT_ATTEMPTS_MAX} times`,
    );
  }

  /**
   * Stages large values and makes one transaction. Returns its version, or `undefined` if a check did not
   * hold.
   */
  async #commitOnce(writes: readonly Write[], checks: readonly RawCheck[]): Promise<string | undefined> {
    await this.#collect();
    const staged: StagedBlob[] = [];
    try {
      const atomic = this.#kv.atomic();
      for (const check of checks) atomic.check(check);
      const large: Promise<StagedBlob>[] = [];
      for (const { key, value } of writes) {
        if (value === null) atomic.delete(key);
        else if (value.length <= KV_VALUE_BYTES_MAX) atomic.set(key, value);
        else large.push(this.#blobs.stage(key, value));
      }
      const outcomes = await Promise.allSettled(large);
      for (const outcome of outcomes) if (outcome.status === "fulfilled") staged.push(outcome.value);
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed) throw failed.reason;
      for (const { pointer, record, recordVersion } of staged) {
        const key = blobKey(pointer.blob);
        atomic.check({ key, versionstamp: recordVersion }).set(key, record).set(record.owner, pointer);
      }
      const outcome = await atomic.commit();
      return outcome.ok ? outcome.versionstamp : undefined;
    } finally {
      for (const { pointer } of staged) this.#blobs.release(pointer.blob);
      for (const { key } of writes) this.#blobs.ownerChanged(key);
      this.#collectSoon();
    }
  }

  async #commitByRedo(writes: readonly Write[], checks: readonly RawCheck[]): Promise<boolean> {
    const version = await this.#commitOnce([{ key: REDO_KEY, value: encodeRedo(writes) }], checks);
    if (version === undefined) return false;
    // It is durable. If it cannot be applied now, the next reader or writer does it.
    await this.#finishRedo().catch((error) => this.#warn("large commit not applied yet", error));
    return true;
  }

  /** Applies the redo record, if there is one. */
  #finishRedo(): Promise<void> {
    return this.#applying ??= this.#applyRedo();
  }

  async #applyRedo(): Promise<void> {
    try {
      const found = await this.#kv.get<unknown>(REDO_KEY);
      const redo = await this.#load(REDO_KEY, found);
      if (redo === undefined) return;
      const check = { key: REDO_KEY, versionstamp: redo.version };
      for (const part of inTransactions(decodeRedo(redo.value), this.#checksMax - 1)) {
        if (await this.#commitOnce(part, [check]) === undefined) return;
      }
      await this.#commitOnce([{ key: REDO_KEY, value: null }], [check]);
    } finally {
      // In the same turn: a redo record found from here on may be a new one.
      this.#applying = undefined;
    }
  }

  /** The value of `found`, or of what has replaced it meanwhile. */
  async #load(key: StorageKey, found: Deno.KvEntryMaybe<unknown>): Promise<Entry | undefined> {
    let entry = found;
    while (entry.versionstamp !== null) {
      const version = entry.versionstamp;
      if (entry.value instanceof Uint8Array) return { key, value: entry.value, version };
      const value = isBlobPointer(entry.value) ? await this.#blobs.read(entry.value) : undefined;
      if (value !== undefined) return { key, value, version };
      entry = await this.#kv.get<unknown>(entry.key);
      if (entry.versionstamp === version) {
        throw new DenizenError(
          "data_corrupt",
          `Cannot read ${
            JSON.stringify(key)
          } from ${this.name} as a part of its value is missing: version ${version}`,
        );
      }
    }
    return undefined;
  }

  async #conflict(checks: readonly Check[]): Promise<StorageKey | undefined> {
    for (const { key, version } of checks) {
      if ((await this.#kv.get(entryKey(key))).versionstamp !== version) return key;
    }
    return undefined;
  }

  #collectSoon(): void {
    if (this.#collectingSoon || !this.#blobs.hasSuspects) return;
    this.#collectingSoon = true;
    this.#inBackground(() => {
      this.#collectingSoon = false;
      return this.#blobs.collect();
    });
  }

  /** Keeps a fast writer of large values from making garbage faster than it is removed. */
  async #collect(): Promise<void> {
    await this.#blobs.collect().catch((error) => this.#warn("old chunks not removed yet", error));
  }

  #inBackground(work: () => Promise<void>): void {
    this.#background = this.#background.then(work).catch((error) =>
      this.#warn("background work failed", error)
    );
  }

  #warn(message: string, error: unknown): void {
    if (!this.#closed) this.#log?.warn(message, { storage: this.name, error });
  }
}

/** The KV selector of a list with these options, or `undefined` if the list is empty. */
function selectorOf({ prefix, start = prefix, end }: ListOptions): Deno.KvListSelector | undefined {
  if (start === prefix && end === undefined) return { prefix: entryKey(prefix) };
  const isPast = (key: StorageKey) => compareKeys(key, prefix) > 0 && !isBelow(key, prefix);
  // KV refuses a range that ends before it starts.
  const isEmpty = isPast(start) ||
    end !== undefined && (compareKeys(end, start) <= 0 || compareKeys(end, prefix) <= 0);
  if (isEmpty) return undefined;
  return {
    // In KV's order an empty text comes before every other, and a number after all of them.
    start: isBelow(start, prefix) ? entryKey(start) : [...entryKey(prefix), ""],
    end: end === undefined || isPast(end) ? [...entryKey(prefix), 0] : entryKey(end),
  };
}

/** With KV keys, and only the last write to each. */
function rawWrites(writes: readonly Write[]): Write[] {
  const last = new Map<string, Write>();
  for (const { key, value } of writes) last.set(keyId(key), { key: entryKey(key), value } as Write);
  return [...last.values()];
}
