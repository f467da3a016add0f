/** A storage that fails, hangs and crashes on demand, in front of another that does the work. */

import { DenizenError } from "../errors.ts";
import { keyId } from "../storage/key_order.ts";
import type {
  Check,
  CommitOutcome,
  Entry,
  ListOptions,
  Storage,
  StorageKey,
  Write,
} from "../storage/storage.ts";

/** A commit as it was requested. */
export interface RecordedCommit {
  readonly writes: readonly Write[];
  readonly checks: readonly Check[];
  /** `held` waits at the gate; `dropped` was cut off by a crash. */
  outcome: "held" | "underway" | "done" | "conflict" | "failed" | "dropped";
}

export interface FaultyStorageOptions {
  /** See {@link Storage.shared}. Default: that of the storage behind. */
  readonly shared?: boolean;
  /**
   * A key whose writes are made but not recorded. A commit of nothing else is not recorded at all. Default:
   * none.
   */
  readonly unrecorded?: StorageKey;
}

export interface CommitFault {
  /** What the caller gets. */
  readonly error?: Error;
  /**
   * Whether the commit is made: `never`, `before` it fails as when a reply is lost on the network, `later`
   * when {@link FaultyStorage.makeLate} is called, as when a request is delayed, or `twice` without an error,
   * as when a client repeats it. Default: `never`.
   */
  readonly made?: "never" | "before" | "later" | "twice";
}

/** A whole commit, and the part of it that is recorded. */
interface Requested {
  readonly writes: readonly Write[];
  readonly checks: readonly Check[];
  readonly record: RecordedCommit;
}

interface Held {
  readonly requested: Requested;
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
  /** Every commit that was requested, in order. */
  readonly commits: RecordedCommit[] = [];
  readonly shared: boolean;
  readonly #inner: Storage;
  readonly #unrecorded: string | undefined;
  #commitFaults: CommitFault[] = [];
  #late: Requested[] = [];
  #readFaults: Error[] = [];
  #held: Held[] = [];
  #holding = false;
  #crashed = false;

  constructor(inner: Storage, { shared = inner.shared, unrecorded }: FaultyStorageOptions = {}) {
    this.#inner = inner;
    this.shared = shared;
    this.#unrecorded = unrecorded && keyId(unrecorded);
  }

  get name(): string {
    return this.#inner.name;
  }

  /** Commits that wait at the gate. */
  get held(): number {
    return this.#held.length;
  }

  /** The next `count` commits write nothing and fail. */
  failCommits(
    count: number,
    error: Error = new DenizenError("storage", "Cannot commit as a fault was requested"),
  ): void {
    for (let i = 0; i < count; i++) this.#commitFaults.push({ error });
  }

  /** The next commit has this fault. */
  faultCommit(fault: CommitFault): void {
    this.#commitFaults.push({
      error: new DenizenError("storage", "Cannot commit as a fault was requested"),
      ...fault,
    });
  }

  /** Makes the commits that were delayed, if their checks still hold. Returns how many did. */
  async makeLate(): Promise<number> {
    let made = 0;
    for (const { writes, checks } of this.#late.splice(0)) {
      if ((await this.#inner.commit(writes, checks)).ok) made++;
    }
    return made;
  }

  /** The next `count` reads and lists fail. */
  failReads(
    count: number,
    error: Error = new DenizenError("storage", "Cannot read as a fault was requested"),
  ): void {
    for (let i = 0; i < count; i++) this.#readFaults.push(error);
  }

  /** From now on commits wait at a gate until {@link release}. */
  holdCommits(): void {
    this.#holding = true;
  }

  /**
   * Lets `count` of the held commits go on, oldest first. Without a count: all of them, and opens the
   * gate.
   */
  release(count?: number): void {
    if (count === undefined) this.#holding = false;
    for (const { goOn } of this.#held.splice(0, count ?? this.#held.length)) goOn();
  }

  /**
   * From now on nothing reaches the storage and everything fails, as if the machine had lost its power.
   * The first `applyHeld` of the held commits are made, though their callers get an error.
   */
  async crash({ applyHeld = 0 } = {}): Promise<void> {
    this.#crashed = true;
    for (const [i, { requested, goOn }] of this.#held.splice(0).entries()) {
      if (i < applyHeld) await this.#inner.commit(requested.writes, requested.checks);
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
    const requested = this.#record(writes, checks);
    return new Promise((resolve, reject) => {
      const goOn = () => void this.#commit(requested).then(resolve, reject);
      if (!this.#holding || this.#crashed) return goOn();
      requested.record.outcome = "held";
      this.#held.push({ requested, goOn });
    });
  }

  watch(key: StorageKey): AsyncIterable<Entry | undefined> {
    return this.#inner.watch(key);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#inner[Symbol.asyncDispose]();
  }

  #record(writes: readonly Write[], checks: readonly Check[]): Requested {
    const isRecorded = ({ key }: { key: StorageKey }) => keyId(key) !== this.#unrecorded;
    const record: RecordedCommit = {
      writes: writes.filter(isRecorded),
      checks: checks.filter(isRecorded),
      outcome: "underway",
    };
    if (record.writes.length > 0 || writes.length === 0) this.commits.push(record);
    return { writes: [...writes], checks: [...checks], record };
  }

  async #commit(requested: Requested): Promise<CommitOutcome> {
    const { writes, checks, record } = requested;
    if (this.#crashed) {
      record.outcome = "dropped";
      throw crashError();
    }
    const { error, made } = this.#commitFaults.shift() ?? {};
    record.outcome = error ? "failed" : "underway";
    if (made === "before" || made === "twice") await this.#inner.commit(writes, checks);
    if (made === "later") this.#late.push(requested);
    if (error !== undefined && made !== "twice") throw error;
    try {
      const outcome = await this.#inner.commit(writes, checks);
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
  return new DenizenError("storage", "Cannot reach the storage as it crashed: a crash was requested");
}
