/**
 * Values above the KV limit, cut into chunks.
 *
 * Owns the chunks, their records, and their removal. Does not own the pointers, which the commit writes.
 *
 * - I1. A chunk is never without its record, so a record leads to every chunk there is.
 * - I2. The bytes of a blob never change: a new value is a new blob.
 * - I3. A blob is removed only when its owner does not point to it, and never while it is being staged here.
 *   The commit that makes an owner point to a blob rewrites the record, and removal checks the record's
 *   version: one of the two loses.
 */

import { assertInvariant } from "../../errors.ts";
import {
  KV_COMMIT_BYTES_MAX,
  KV_COMMIT_WRITES_MAX,
  KV_READ_KEYS_MAX,
  KV_VALUE_BYTES_MAX,
} from "../../limits.ts";
import {
  blobKey,
  type BlobPointer,
  type BlobRecord,
  BLOBS_PREFIX,
  chunkKey,
  isBlobPointer,
  STAMP_KEY,
} from "./layout.ts";
import type { StorageKey } from "../storage.ts";

/** A blob whose chunks are written and whose owner does not point to it yet. */
export interface StagedBlob {
  readonly pointer: BlobPointer;
  readonly record: BlobRecord;
  readonly recordVersion: string;
}

const CHUNKS_PER_COMMIT = Math.floor(KV_COMMIT_BYTES_MAX / KV_VALUE_BYTES_MAX);
const SUSPECTS_PER_ROUND = 100;
/** A removal of more chunks takes several commits. The record is written in each. */
const DELETES_PER_COMMIT = KV_COMMIT_WRITES_MAX - 1;

export class KvBlobs {
  readonly #kv: Deno.Kv;
  /** Blobs that have a record. Complete once {@link sweep} is over. */
  readonly #owners = new Map<string, StorageKey>();
  readonly #byOwner = new Map<string, Set<string>>();
  readonly #staging = new Set<string>();
  /** Blobs that may have lost their owner. */
  readonly #suspects = new Set<string>();
  #collecting: Promise<void> | undefined;
  #stamp: Promise<string> | undefined;
  #staged = 0;
  #stopped = false;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Whether any blob is known, so that a written key may have pointed to one. */
  get any(): boolean {
    return this.#owners.size > 0;
  }

  get hasSuspects(): boolean {
    return this.#suspects.size > 0;
  }

  /**
   * Writes `value` in chunks. It is seen once a commit makes `owner` point to it; then call {@link release}.
   */
  async stage(owner: StorageKey, value: Uint8Array): Promise<StagedBlob> {
    const id = `${await this.#uniqueStamp()}-${(this.#staged++).toString(36)}`;
    const chunks = Math.ceil(value.length / KV_VALUE_BYTES_MAX);
    const record: BlobRecord = { owner, chunks };
    this.#staging.add(id);
    this.#learn(id, owner);
    try {
      // I1: the record is durable before the second batch starts.
      const recordVersion = await this.#writeChunks(id, value, 0, record);
      const rest: Promise<string>[] = [];
      for (let chunk = CHUNKS_PER_COMMIT; chunk < chunks; chunk += CHUNKS_PER_COMMIT) {
        rest.push(this.#writeChunks(id, value, chunk));
      }
      const failed = (await Promise.allSettled(rest)).find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
      return { pointer: { blob: id, chunks, bytes: value.length }, record, recordVersion };
    } catch (thrown) {
      this.release(id);
      throw thrown;
    }
  }

  /** Ends the staging of `id`: its owner points to it now, or it is garbage. */
  release(id: string): void {
    this.#staging.delete(id);
    this.#suspects.add(id);
  }

  /** The bytes, or `undefined` if the blob is not whole: it was removed meanwhile. */
  async read(pointer: BlobPointer): Promise<Uint8Array | undefined> {
    const value = new Uint8Array(pointer.bytes);
    for (let start = 0; start < pointer.chunks; start += KV_READ_KEYS_MAX) {
      const end = Math.min(start + KV_READ_KEYS_MAX, pointer.chunks);
      const keys = Array.from({ length: end - start }, (_, i) => chunkKey(pointer.blob, start + i));
      for (const [i, { value: chunk }] of (await this.#kv.getMany<unknown[]>(keys)).entries()) {
        const offset = (start + i) * KV_VALUE_BYTES_MAX;
        const bytes = Math.min(KV_VALUE_BYTES_MAX, pointer.bytes - offset);
        if (!(chunk instanceof Uint8Array) || chunk.length !== bytes) return undefined;
        value.set(chunk, offset);
      }
    }
    return value;
  }

  /**
   * Records that `owner` was written: the next {@link collect} examines the blob that it pointed to before.
   */
  ownerChanged(owner: StorageKey): void {
    for (const id of this.#byOwner.get(ownerId(owner)) ?? []) this.#suspects.add(id);
  }

  /** Removes the suspects whose owner does not point to them. After an error they remain suspects. */
  collect(): Promise<void> {
    if (this.#suspects.size > 0) this.#collecting ??= this.#collectAll();
    return this.#collecting ?? Promise.resolve();
  }

  /** Learns of the blobs of earlier runs, and removes those that a crash left without an owner. */
  async sweep(): Promise<void> {
    for await (const { key, value } of this.#kv.list<BlobRecord>({ prefix: BLOBS_PREFIX })) {
      if (this.#stopped) return;
      const id = String(key[1]);
      this.#learn(id, value.owner);
      this.#suspects.add(id);
      if (this.#suspects.size >= SUSPECTS_PER_ROUND) await this.collect();
    }
    await this.collect();
  }

  /** Ends a {@link sweep} early. The next run continues it. */
  stop(): void {
    this.#stopped = true;
  }

  async #collectAll(): Promise<void> {
    try {
      while (this.#suspects.size > 0) {
        await this.#collectSome([...this.#suspects].slice(0, KV_READ_KEYS_MAX / 2));
      }
    } finally {
      // Reset before any await, so that a suspect added from here on starts a new run.
      this.#collecting = undefined;
    }
  }

  async #collectSome(ids: readonly string[]): Promise<void> {
    // Owners reported again from here on are examined again.
    for (const id of ids) this.#suspects.delete(id);
    try {
      await this.#removeGarbage(ids.filter((id) => this.#owners.has(id) && !this.#staging.has(id)));
    } catch (thrown) {
      for (const id of ids) this.#suspects.add(id);
      throw thrown;
    }
  }

  async #removeGarbage(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const keys = ids.flatMap((id) => [blobKey(id), this.#owners.get(id)!]);
    const found = await this.#kv.getMany<unknown[]>(keys);
    for (const [i, id] of ids.entries()) {
      const record = found[2 * i] as Deno.KvEntryMaybe<BlobRecord>;
      const owner = found[2 * i + 1]!.value;
      if (record.versionstamp === null) this.#forget(id);
      else if (!isBlobPointer(owner) || owner.blob !== id) await this.#remove(id, record);
    }
  }

  async #remove(id: string, { value: record, versionstamp }: Deno.KvEntry<BlobRecord>): Promise<void> {
    let version = versionstamp;
    for (let start = 0; start < record.chunks; start += DELETES_PER_COMMIT) {
      const end = Math.min(start + DELETES_PER_COMMIT, record.chunks);
      const atomic = this.#kv.atomic().check({ key: blobKey(id), versionstamp: version });
      for (let i = start; i < end; i++) atomic.delete(chunkKey(id, i));
      if (end === record.chunks) atomic.delete(blobKey(id));
      else atomic.set(blobKey(id), record);
      const outcome = await atomic.commit();
      if (!outcome.ok) {
        this.#suspects.add(id);
        return;
      }
      version = outcome.versionstamp;
    }
    this.#forget(id);
  }

  async #writeChunks(id: string, value: Uint8Array, first: number, record?: BlobRecord): Promise<string> {
    const atomic = this.#kv.atomic();
    if (record !== undefined) atomic.set(blobKey(id), record);
    for (let chunk = first; chunk < first + CHUNKS_PER_COMMIT; chunk++) {
      const offset = chunk * KV_VALUE_BYTES_MAX;
      if (offset >= value.length) break;
      atomic.set(chunkKey(id, chunk), value.subarray(offset, offset + KV_VALUE_BYTES_MAX));
    }
    const outcome = await atomic.commit();
    assertInvariant(outcome.ok, "a commit without checks has no conflict");
    return outcome.versionstamp;
  }

  /** A version stamp that no other opening of the database has: it makes ids unique without chance. */
  #uniqueStamp(): Promise<string> {
    this.#stamp ??= this.#kv.set(STAMP_KEY, true).then(
      ({ versionstamp }) => versionstamp.replace(/^0+/, ""),
      (error) => {
        this.#stamp = undefined;
        throw error;
      },
    );
    return this.#stamp;
  }

  #learn(id: string, owner: StorageKey): void {
    this.#owners.set(id, owner);
    const ids = this.#byOwner.get(ownerId(owner));
    if (ids === undefined) this.#byOwner.set(ownerId(owner), new Set([id]));
    else ids.add(id);
  }

  #forget(id: string): void {
    const owner = this.#owners.get(id);
    if (owner === undefined) return;
    this.#owners.delete(id);
    const ids = this.#byOwner.get(ownerId(owner));
    ids?.delete(id);
    if (ids?.size === 0) this.#byOwner.delete(ownerId(owner));
  }
}

/**
 * Cheap, and equal for equal keys. Different keys may share it: then a blob is examined without need, and
 * kept.
 */
function ownerId(owner: StorageKey): string {
  return owner.join("\0");
}
