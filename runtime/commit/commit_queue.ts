/**
 * Group commit: the writes of every process of a node, in one order, many to a storage transaction (G3).
 *
 * Owns the order of writes and which of them are durable. Does not own the storage, nor how a process
 * recovers from a lost write.
 *
 * - I1. Batches reach the storage in the order of their positions, one at a time: what is durable is a prefix
 *   of that order.
 * - I2. A failure loses everything appended until it is reported, so nothing that depends on a lost write
 *   becomes durable.
 * - I3. Writes to one key are merged within a batch only, never across: a batch has exactly the writes of its
 *   own positions.
 * - I4. `onLost` runs before the waiters of the lost positions are notified, and waiters are notified in the
 *   order they came.
 */

import { assertInvariant, DenizenError, messageOf } from "../errors.ts";
import {
  COMMIT_BACKLOG_BYTES_MAX,
  COMMIT_BACKLOG_MAX,
  COMMIT_BATCH_BYTES_MAX,
  COMMIT_BATCH_WRITES_MAX,
  COMMIT_LOST_RANGES_MAX,
} from "../limits.ts";
import type { Log } from "../log.ts";
import { Batch, bytesAtMost, bytesOf, encoded, type Value } from "./batch.ts";
import type { Effect } from "./effect.ts";
import { LostRanges } from "./lost_ranges.ts";
import { assertKeyFits, type CommitOutcome, type StorageKey, type Write } from "../storage/storage.ts";

/** What the queue commits to: the fence of a node, or a bare store. */
export interface CommitTarget {
  /** For people. */
  readonly name: string;
  /** Why nothing may be written or answered any more (G1); `undefined` as long as it may. */
  readonly lost?: DenizenError | undefined;
  commit(writes: readonly Write[]): Promise<CommitOutcome>;
}

export interface CommitQueueOptions {
  readonly log: Log;
  /**
   * The positions from `from` to `to` will never become durable. Called before the callbacks of their
   * waiters.
   */
  onLost(from: number, to: number, error: DenizenError): void;
}

const DURABLE = Promise.resolve();

/**
 * @example
 * ```ts
 * import { CommitQueue } from "@denizen/runtime/commit";
 * import { memoryStorage } from "@denizen/runtime/storage";
 * import { createLog, silentSink } from "@denizen/runtime";
 *
 * const queue = new CommitQueue(memoryStorage(), { log: createLog(silentSink, () => 0), onLost() {} });
 * const position = queue.append([{ kind: "state", id: "count", key: ["count"], value: "1" }]);
 * await queue.reached(position);
 * ```
 */
export class CommitQueue {
  readonly #target: CommitTarget;
  readonly #log: Log;
  readonly #onLost: CommitQueueOptions["onLost"];
  readonly #lost = new LostRanges(COMMIT_LOST_RANGES_MAX);
  /** Batches that wait, oldest first; writes go to the last one. */
  #waiting: Batch[] = [];
  #inFlight: Batch | undefined;
  /** The batch whose waiters are being notified that it is durable. */
  #notifying: Batch | undefined;
  #scheduled = false;
  #closed = false;
  /** Writes in `#waiting`, and their bytes or more. */
  #backlog = 0;
  #backlogBytes = 0;
  #position = 0;
  #durable = 0;
  /** Commits that failed since the last success. */
  #failures = 0;

  constructor(target: CommitTarget, options: CommitQueueOptions) {
    this.#target = target;
    this.#log = options.log;
    this.#onLost = options.onLost;
  }

  /** The position of the last append. */
  get position(): number {
    return this.#position;
  }

  /** Writes that wait for the commit that is under way, or for their own. */
  get backlog(): number {
    return this.#backlog;
  }

  /** The last durable position. All before it are durable too, except for the lost ones. */
  get durable(): number {
    return this.#durable;
  }

  /**
   * Adds effects that become durable together or not at all, and returns their position. Without any, that is
   * one which is durable.
   *
   * @throws {DenizenError} `overloaded` if too much waits for the storage, `draining` after {@link close},
   * `lost_ownership` when the store has another owner, `invalid_argument` for a key that no store takes.
   * Nothing was added then.
   */
  append(effects: readonly Effect[]): number {
    if (effects.length === 0) return 0;
    let bytes = 0;
    for (const { key, value } of effects) {
      assertKeyFits(key);
      bytes += bytesAtMost(key, value);
    }
    if (!this.#certainlyFits(bytes)) {
      effects = effects.map((effect) => ({ ...effect, value: encoded(effect.value) }));
      bytes = effects.reduce((sum, { key, value }) => sum + bytesOf(key, value as Uint8Array | null), 0);
    }
    const batch = this.#batchFor(effects.length, bytes);
    for (const { id, key, value } of effects) this.#put(batch, id, key, value);
    return this.#appended(batch);
  }

  /** Why nothing may be written or answered any more; `undefined` as long as the node owns the store (G1). */
  get ownershipLost(): DenizenError | undefined {
    return this.#target.lost;
  }

  /**
   * Resolves when `position` is durable, rejects when it is lost, or when the store has another owner.
   * Position 0 is always durable.
   */
  reached(position: number): Promise<void> {
    if (this.#target.lost !== undefined) return Promise.reject(this.#target.lost);
    if (position <= this.#durable && this.#lost.size === 0) return DURABLE;
    const error = this.#lost.find(position);
    if (error !== undefined) return Promise.reject(error);
    if (position <= this.#durable) return DURABLE;
    const batch = this.#batchOf(position);
    return batch.promised ??= new Promise((ok, lost) => {
      batch.ok.push(ok);
      batch.lost.push(lost);
    });
  }

  /**
   * As {@link reached}, with callbacks: called at once if the outcome is known, but never before those of
   * earlier callers.
   */
  whenDurable(position: number, ok: () => void, lost: (error: DenizenError) => void): void {
    const error = this.#target.lost ?? this.lossOf(position);
    if (error !== undefined) return lost(error);
    const batch = position <= this.#durable ? this.#notifying : this.#batchOf(position);
    if (batch === undefined) return ok();
    batch.ok.push(ok);
    batch.lost.push(lost);
  }

  /** Why `position` was lost; `undefined` if it is durable or still waits. */
  lossOf(position: number): DenizenError | undefined {
    return this.#lost.size === 0 ? undefined : this.#lost.find(position);
  }

  /** Resolves when everything appended so far is durable, rejects when the last of it is lost. */
  flush(): Promise<void> {
    return this.reached(this.#position);
  }

  /** Refuses further writes, and resolves when the others are durable or lost. The storage stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush().catch(() => {});
  }

  #batchFor(writes: number, bytes: number): Batch {
    if (this.#closed) {
      throw new DenizenError("draining", "Cannot write as the node is stopping: the queue is closed");
    }
    if (this.#target.lost !== undefined) throw this.#target.lost;
    if (this.#backlog + writes > COMMIT_BACKLOG_MAX) {
      throw overloaded("writes", this.#backlog, "COMMIT_BACKLOG_MAX");
    }
    if (this.#backlog > 0 && !this.#backlogTakes(bytes)) {
      throw overloaded("bytes", this.#backlogBytes, "COMMIT_BACKLOG_BYTES_MAX");
    }
    const last = this.#waiting.at(-1);
    if (last !== undefined && this.#hasRoom(last, writes, bytes)) return last;
    const batch = new Batch(this.#position + 1);
    this.#waiting.push(batch);
    return batch;
  }

  /** Whether `bytes` more fit even with the upper bound for text. */
  #certainlyFits(bytes: number): boolean {
    const last = this.#waiting.at(-1);
    return (last === undefined ? 0 : last.bytes) + bytes <= COMMIT_BATCH_BYTES_MAX &&
      this.#backlogBytes + bytes <= COMMIT_BACKLOG_BYTES_MAX;
  }

  #backlogTakes(bytes: number): boolean {
    for (const batch of this.#waiting) {
      if (this.#backlogBytes + bytes <= COMMIT_BACKLOG_BYTES_MAX) return true;
      this.#measure(batch);
    }
    return this.#backlogBytes + bytes <= COMMIT_BACKLOG_BYTES_MAX;
  }

  #hasRoom(batch: Batch, writes: number, bytes: number): boolean {
    if (batch.size + writes > COMMIT_BATCH_WRITES_MAX) return false;
    if (batch.bytes + bytes > COMMIT_BATCH_BYTES_MAX) this.#measure(batch);
    return batch.bytes + bytes <= COMMIT_BATCH_BYTES_MAX;
  }

  #measure(batch: Batch): void {
    this.#backlogBytes -= batch.bytes;
    batch.measure();
    this.#backlogBytes += batch.bytes;
  }

  #put(batch: Batch, id: string, key: StorageKey, value: Value): void {
    this.#backlog -= batch.size;
    this.#backlogBytes -= batch.bytes;
    batch.put(id, key, value);
    this.#backlog += batch.size;
    this.#backlogBytes += batch.bytes;
  }

  #appended(batch: Batch): number {
    batch.to = ++this.#position;
    if (this.#inFlight === undefined && !this.#scheduled) {
      this.#scheduled = true;
      // As fast as setImmediate or a message port under HTTP load with 1, 32 and 64 connections; setTimeout
      // is four times slower.
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#commitNext();
      });
    }
    return batch.to;
  }

  #commitNext(): void {
    if (this.#inFlight !== undefined) return;
    const batch = this.#waiting.shift();
    if (batch === undefined) return;
    this.#inFlight = batch;
    this.#backlog -= batch.size;
    this.#backlogBytes -= batch.bytes;
    this.#commit(batch).then(() => this.#succeeded(batch), (thrown) => this.#failed(batch, thrown));
  }

  async #commit(batch: Batch): Promise<void> {
    const outcome = await this.#target.commit(batch.encode());
    assertInvariant(outcome.ok, "a conflict is resolved by the fence");
  }

  #succeeded(batch: Batch): void {
    this.#durable = batch.to;
    this.#inFlight = undefined;
    // The disk works while the waiters run: the other order costs 15 to 30 % of the requests at 32 and 64
    // connections. Two commits at a time cost as much, as their batches are smaller.
    this.#commitNext();
    if (this.#failures > 0) this.#log.info("commits succeed again", { failures: this.#failures });
    this.#failures = 0;
    this.#notifying = batch;
    // A callback that waits for the same batch is added to the end of this list.
    for (const ok of batch.ok) this.#notify(ok);
    this.#notifying = undefined;
  }

  #failed(batch: Batch, thrown: unknown): void {
    const error = thrown instanceof DenizenError ? thrown : new DenizenError(
      "storage",
      `Cannot commit to ${this.#target.name} as the store failed: ${messageOf(thrown)}`,
      { cause: thrown },
    );
    const batches = [batch, ...this.#waiting];
    this.#waiting = [];
    this.#backlog = 0;
    this.#backlogBytes = 0;
    this.#inFlight = undefined;
    const { from } = batch;
    const to = this.#position;
    this.#lost.add(from, to, error);
    // Once, not for every request while the disk is full.
    if (this.#failures++ === 0) this.#log.error("commit failed", { from, to, error });
    this.#notify(() => this.#onLost(from, to, error));
    for (const { lost } of batches) {
      for (const callback of lost) this.#notify(() => callback(error));
    }
  }

  /** A callback that throws does not keep the others from running. */
  #notify(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#log.error("commit callback failed", { error });
    }
  }

  /** The batch of a position that is neither durable nor lost. */
  #batchOf(position: number): Batch {
    assertInvariant(
      position <= this.#position,
      `a position is waited for only after it was returned: ${position}`,
    );
    if (this.#inFlight !== undefined && position <= this.#inFlight.to) return this.#inFlight;
    const batch = this.#waiting.find(({ to }) => position <= to);
    assertInvariant(
      batch !== undefined,
      `every position is durable, lost, in flight or waiting: ${position}`,
    );
    return batch;
  }
}

function overloaded(what: string, waiting: number, bound: string): DenizenError {
  return new DenizenError(
    "overloaded",
    `Cannot write as the storage is too far behind (${bound}): ${waiting} ${what} wait`,
  );
}
