/** A storage that fails, waits and crashes when told to. Everything else goes to the storage it wraps. */

import { DenizenError } from "../errors.ts";
import type {
  Check,
  CommitOutcome,
  Entry,
  ListOptions,
  Storage,
  StorageKey,
  Write,
} from "../storage/storage.ts";

/** A commit as it was asked for. */
export interface RecordedCommit {
  readonly writes: readonly Write[];
  readonly checks: readonly Check[];
  /** What became of it. `held` waits at the gate; `dropped` was cut off by a crash. */
  outcome: "held" | "underway" | "done" | "conflict" | "failed" | "dropped";
}

interface Held {
  readonly record: RecordedCommit;
  readonly goOn: () => void;
}

/**
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryStorage } from "@denizen/runtime/storage";
 * import { FaultyStorage } from "@denizen/runtime/testing";
 *
 * const storage = new FaultyStorage(memoryStorage());
 * storage.failCommits(1);
 * await assert.rejects(storage.commit([{ key: ["a"], value: new Uint8Array(1) }]));
 * ```
 */
export class FaultyStorage implements Storage {
  /** Every commit that was asked for, in order. */
  readonly commits: RecordedCommit[] = [];
  readonly #inner: Storage;
  #commitFaults: Error[] = [];
  #readFaults: Error[] = [];
  #held: Held[] = [];
  #holding = false;
  #crashed = false;

  constructor(inner: Storage) {
    this.#inner = inner;
  }

  get name(): string {
    return this.#inner.name;
  }

  get shared(): boolean {
    return this.#inner.shared;
  }

  /** Commits that wait at the gate. */
  get held(): number {
    return this.#held.length;
  }

  /** The next `count` commits write nothing and fail. */
  failCommits(
    count: number,
    error: Error = new DenizenError("storage", "Cannot commit as a fault was asked for"),
  ): void {
    for (let i = 0; i < count; i++) this.#commitFaults.push(error);
  }

  /** The next `count` reads and lists fail. */
  failReads(
    count: number,
    error: Error = new DenizenError("storage", "Cannot read as a fault was asked for"),
  ): void {
    for (let i = 0; i < count; i++) this.#readFaults.push(error);
  }

  /** From now on commits wait at a gate until {@link release}. */
  holdCommits(): void {
    this.#holding = true;
  }

  /**
   * Lets `count` of the waiting commits go on, oldest first. Without a count: all of them, and opens the
   * gate.
   */
  release(count?: number): void {
    if (count === undefined) this.#holding = false;
    for (const { goOn } of this.#held.splice(0, count ?? this.#held.length)) goOn();
  }

  /**
   * From now on nothing reaches the storage and everything fails, as if the machine had lost its power.
   * `applyHeld` says how many of the commits at the gate were made all the same, though nobody was told.
   */
  async crash({ applyHeld = 0 } = {}): Promise<void> {
    this.#crashed = true;
    for (const [i, { record, goOn }] of this.#held.splice(0).entries()) {
      if (i < applyHeld) await this.#inner.commit(record.writes, record.checks);
      goOn();
    }
  }

  get(key: StorageKey): Promise<Entry | undefined> {
    const fault = this.#readFault();
    return fault === undefined ? this.#inner.get(key) : Promise.reject(fault);
  }

  async *list(options: ListOptions): AsyncIterable<Entry> {
    const fault = this.#readFault();
    if (fault !== undefined) throw fault;
    for await (const entry of this.#inner.list(options)) {
      if (this.#crashed) throw crashError();
      yield entry;
    }
  }

  commit(writes: readonly Write[], checks: readonly Check[] = []): Promise<CommitOutcome> {
    const record: RecordedCommit = { writes: [...writes], checks: [...checks], outcome: "underway" };
    this.commits.push(record);
    return new Promise((resolve, reject) => {
      const goOn = () => void this.#commit(record).then(resolve, reject);
      if (!this.#holding || this.#crashed) return goOn();
      record.outcome = "held";
      this.#held.push({ record, goOn });
    });
  }

  watch(key: StorageKey): AsyncIterable<Entry | undefined> {
    return this.#inner.watch(key);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#inner[Symbol.asyncDispose]();
  }

  async #commit(record: RecordedCommit): Promise<CommitOutcome> {
    const fault = this.#crashed ? crashError() : this.#commitFaults.shift();
    record.outcome = this.#crashed ? "dropped" : fault ? "failed" : "underway";
    if (fault !== undefined) throw fault;
    try {
      const outcome = await this.#inner.commit(record.writes, record.checks);
      record.outcome = outcome.ok ? "done" : "conflict";
      return outcome;
    } catch (thrown) {
      record.outcome = "failed";
      throw thrown;
    }
  }

  #readFault(): Error | undefined {
    return this.#crashed ? crashError() : this.#readFaults.shift();
  }
}

function crashError(): DenizenError {
  return new DenizenError("storage", "Cannot reach the storage as it crashed: a crash was asked for");
}
