/**
 * The store on an open Deno KV.
 *
 * A commit of small values is one KV transaction. A value above the KV limit is a blob (`blobs.ts`) and a pointer. A commit
 * above the limits of a transaction is written as one redo record, which makes it durable at a stroke, and is then spread over
 * its keys; whoever meets a redo record finishes it before doing anything else. `FORMAT.md` has the bytes.
 */

import { DenizenError } from "../../errors.ts";
import { KV_COMMIT_ATTEMPTS_MAX, KV_VALUE_BYTES_MAX } from "../../limits.ts";
import type { Log } from "../../log.ts";
import { Changes } from "../changes.ts";
import { keyId } from "../key_order.ts";
import { KvBlobs, type StagedBlob } from "./blobs.ts";
import { kvError } from "./errors.ts";
import { blobKey, entryKey, isBlobPointer, REDO_KEY } from "./layout.ts";
import { decodeRedo, encodeRedo } from "./redo.ts";
import { fitsOneTransaction, inTransactions, TransactionSize } from "./transaction.ts";
import {
  assertChecksFit,
  assertKeyFits,
  type Check,
  type CommitOutcome,
  type Entry,
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
  #finishing: Promise<void> | undefined;
  /** What goes on behind the callers' backs. */
  #background: Promise<void> = Promise.resolve();
  #collectingSoon = false;

  constructor(readonly name: string, kv: Deno.Kv, log: Log | undefined) {
    this.#kv = kv;
    this.#blobs = new KvBlobs(kv);
    this.#log = log;
  }

  /** Finishes and tidies what earlier runs left, while the store is already in use. */
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

  async *list(prefix: StorageKey): AsyncIterable<Entry> {
    try {
      while ((await this.#kv.get(REDO_KEY)).versionstamp !== null) await this.#finishRedo();
      for await (const found of this.#kv.list<unknown>({ prefix: entryKey(prefix) })) {
        const entry = await this.#load(found.key.slice(1) as string[], found);
        if (entry !== undefined) yield entry;
      }
    } catch (thrown) {
      throw await kvError(`list ${JSON.stringify(prefix)} from`, this.name, thrown);
    }
  }

  async commit(writes: readonly Write[], checks: readonly Check[] = []): Promise<CommitOutcome> {
    assertChecksFit(this.name, checks);
    for (const { key } of writes) assertKeyFits(key);
    try {
      const small = this.#smallCommit(writes, checks);
      if (small === undefined || !(await small.commit()).ok) {
        return await this.#commitWithCare(writes, checks);
      }
    } catch (thrown) {
      throw await kvError("commit to", this.name, thrown);
    }
    if (this.#blobs.any) {
      for (const { key } of writes) this.#blobs.ownerChanged(entryKey(key));
      this.#collectSoon();
    }
    return { ok: true };
  }

  watch(key: StorageKey): AsyncIterable<Entry | undefined> {
    const reader = this.#kv.watch<unknown[]>([entryKey(key)]).getReader();
    const changes = new Changes<Entry | undefined>(() => void reader.cancel().catch(() => {}));
    const follow = async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        changes.push(await this.#load(key, next.value[0]));
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
    await this.#background;
    this.#kv.close();
  }

  /** The whole commit as one transaction, if it is certain to fit and has no value to stage. */
  #smallCommit(writes: readonly Write[], checks: readonly Check[]): Deno.AtomicOperation | undefined {
    const atomic = this.#kv.atomic().check(NO_REDO);
    const size = new TransactionSize();
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

  /** A commit that is large, or that met a conflict and has to find out which. */
  async #commitWithCare(writes: readonly Write[], checks: readonly Check[]): Promise<CommitOutcome> {
    const raw = rawWrites(writes);
    const rawChecks = checks.map(({ key, version }) => ({ key: entryKey(key), versionstamp: version }));
    for (let attempt = 0; attempt < KV_COMMIT_ATTEMPTS_MAX; attempt++) {
      const conflict = await this.#conflict(checks);
      if (conflict !== undefined) return { ok: false, conflict };
      await this.#finishRedo();
      const done = fitsOneTransaction(raw)
        ? await this.#commitOnce(raw, [NO_REDO, ...rawChecks])
        : await this.#commitByRedo(raw, [NO_REDO, ...rawChecks]);
      if (done) return { ok: true };
    }
    throw new DenizenError(
      "storage",
      `Cannot commit to ${this.name} as other writers were faster each time: ${KV_COMMIT_ATTEMPTS_MAX} times`,
    );
  }

  /** One transaction, after its large values are staged. Says whether the checks held. */
  async #commitOnce(writes: readonly Write[], checks: readonly RawCheck[]): Promise<boolean> {
    await this.#collect();
    const staged: StagedBlob[] = [];
    try {
      const atomic = this.#kv.atomic();
      for (const check of checks) atomic.check(check);
      for (const { key, value } of writes) {
        if (value === null) atomic.delete(key);
        else if (value.length <= KV_VALUE_BYTES_MAX) atomic.set(key, value);
        else {
          const blob = await this.#blobs.stage(key, value);
          staged.push(blob);
          const record = blobKey(blob.pointer.blob);
          atomic.check({ key: record, versionstamp: blob.recordVersion });
          atomic.set(record, blob.record).set(key, blob.pointer);
        }
      }
      return (await atomic.commit()).ok;
    } finally {
      for (const { pointer } of staged) this.#blobs.release(pointer.blob);
      for (const { key } of writes) this.#blobs.ownerChanged(key);
      this.#collectSoon();
    }
  }

  async #commitByRedo(writes: readonly Write[], checks: readonly RawCheck[]): Promise<boolean> {
    if (!await this.#commitOnce([{ key: REDO_KEY, value: encodeRedo(writes) }], checks)) return false;
    // It is durable. If it cannot be spread now, the next one who needs the store does it.
    await this.#finishRedo().catch((error) => this.#warn("Cannot finish a large commit yet", error));
    return true;
  }

  /** Spreads the redo record, if there is one, over its keys. */
  #finishRedo(): Promise<void> {
    return this.#finishing ??= this.#spreadRedo();
  }

  async #spreadRedo(): Promise<void> {
    try {
      const found = await this.#kv.get<unknown>(REDO_KEY);
      const redo = await this.#load(REDO_KEY, found);
      if (redo === undefined) return;
      const check = { key: REDO_KEY, versionstamp: redo.version };
      for (const part of inTransactions(decodeRedo(redo.value))) {
        if (!await this.#commitOnce(part, [check])) return;
      }
      await this.#commitOnce([{ key: REDO_KEY, value: null }], [check]);
    } finally {
      // Not a moment later: who finds a redo record from here on has to start anew.
      this.#finishing = undefined;
    }
  }

  /** The value behind `found`, or what has taken its place meanwhile. */
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

  /** Keeps a fast writer of large values from leaving garbage behind faster than it is removed. */
  async #collect(): Promise<void> {
    await this.#blobs.collect().catch((error) => this.#warn("Cannot remove old chunks yet", error));
  }

  #inBackground(work: () => Promise<void>): void {
    this.#background = this.#background.then(work).catch((error) =>
      this.#warn("Cannot tidy the store yet", error)
    );
  }

  #warn(message: string, error: unknown): void {
    this.#log?.warn(message, { storage: this.name, error });
  }
}

/** With KV keys, and only the last write to each. */
function rawWrites(writes: readonly Write[]): Write[] {
  const last = new Map<string, Write>();
  for (const { key, value } of writes) last.set(keyId(key), { key: entryKey(key), value } as Write);
  return [...last.values()];
}
