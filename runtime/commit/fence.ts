/**
 * Which node may write to a store, and until when it may answer (G1).
 *
 * A record in the store names the owner. Every commit of the owner checks that the record is unchanged. A
 * node that takes the store over replaces it, so that the former owner's next commit fails.
 *
 * On a store that other machines can reach, every commit also replaces the record, which renews a lease: the
 * owner stops answering when it could not renew it for `FENCE_LEASE_MS`. Another node takes the store over
 * when it has seen the record unchanged for `FENCE_TAKE_OVER_MS`. Each measures its own monotonic time, and
 * the owner's starts first, so the clocks of two machines are never compared.
 *
 * Owns the record, the lease and the outcome of commits. Does not own the order of writes, nor how a node
 * stops.
 *
 * - I1. One commit is in flight at a time. Once the ownership is lost, none is started.
 * - I2. The lease ends `FENCE_LEASE_MS` after the last successful commit was *sent*.
 * - I3. The outcome of a commit that failed on a shared store is read from the record, never guessed. If the
 * commit is not there, the record is replaced, so that it cannot be made later, should it still be on its
 * way.
 */

import { DenizenError, messageOf } from "../errors.ts";
import { FENCE_LEASE_MS, FENCE_RENEW_MS, FENCE_RETRY_MS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { CommitOutcome, Entry, Storage, Write } from "../storage/storage.ts";
import type { Cancel, Clock } from "../world/clock.ts";
import { decodeFence, encodeFence, FENCE_KEY, type FenceRecord } from "./fence_record.ts";
import { type Claim, claim, type FenceOptions } from "./fence_claim.ts";

/** Whether a commit that failed was made, as far as the record can be read. */
type Finding = "made" | "not made" | "unreadable";

export interface CommitHealth {
  /** How long the commit that is under way has taken; 0 if there is none. */
  readonly waitingMs: number;
  /** Commits that failed since the last one that succeeded. */
  readonly failures: number;
  /** How long ago the last of them failed; `Infinity` if none did. */
  readonly failedAgoMs: number;
}

export class Fence {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #claim: Claim;
  #lost: DenizenError | undefined;
  readonly #whenLost: ((error: DenizenError) => void)[] = [];
  /** The last commit that was started, and the last that is known to be made. */
  #step: number;
  #madeStep: number;
  /**
   * The version of the record after `#madeStep`; read when it is needed if that commit left several versions.
   */
  #version: string | undefined;
  /** In monotonic time. */
  #leaseEnd = Infinity;
  #renewed: number;
  #inFlight: PromiseWithResolvers<CommitOutcome> | undefined;
  /** When the commit that is under way began, and when one failed last, in monotonic time. */
  #begun: number | undefined;
  #failed = -Infinity;
  #failures = 0;
  #cancelTimer: Cancel = () => {};
  #closed = false;

  /**
   * Makes this node the owner of `storage`. On a shared store that was not given back it waits up to
   * `FENCE_TAKE_OVER_MS` to see whether the owner still renews its lease.
   *
   * @throws {DenizenError} `data_locked` if another node holds the lease, `data_corrupt` if the record is
   * damaged, or what the storage throws.
   */
  static async claim(storage: Storage, options: FenceOptions): Promise<Fence> {
    return new Fence(storage, options, await claim(storage, options));
  }

  private constructor(storage: Storage, { clock, log }: FenceOptions, claim: Claim) {
    this.#storage = storage;
    this.#clock = clock;
    this.#log = log;
    this.#claim = claim;
    this.#step = this.#madeStep = claim.record.step;
    this.#version = claim.version;
    this.#renewed = claim.sent;
    if (!storage.shared) return;
    this.#leaseEnd = claim.sent + FENCE_LEASE_MS;
    this.#watchLease();
  }

  /** The store's name. */
  get name(): string {
    return this.#storage.name;
  }

  /** Why this node may neither write nor answer any more; `undefined` as long as it owns the store. */
  get lost(): DenizenError | undefined {
    if (
      this.#lost === undefined && this.#leaseEnd !== Infinity && this.#clock.monotonic() >= this.#leaseEnd
    ) {
      this.#lose(`it could not renew its lease for ${FENCE_LEASE_MS} ms (FENCE_LEASE_MS)`);
    }
    return this.#lost;
  }

  /** Calls `callback` once when the ownership is lost: now, if it is already. */
  whenLost(callback: (error: DenizenError) => void): void {
    if (this.lost !== undefined) callback(this.lost);
    else this.#whenLost.push(callback);
  }

  /**
   * Makes `writes` together with the check and the renewal of the record.
   *
   * @throws {DenizenError} `lost_ownership` if this node does not own the store any more: whether the writes
   * were made is unknown if the store did not answer. Otherwise what the storage throws; nothing was written
   * then.
   */
  async commit(writes: readonly Write[]): Promise<CommitOutcome> {
    while (this.#inFlight !== undefined) await this.#inFlight.promise.catch(() => {});
    if (this.lost !== undefined) throw this.lost;
    this.#begun = this.#clock.monotonic();
    try {
      const outcome =
        await (this.#storage.shared ? this.#untilLost(this.#advance(writes)) : this.#commitChecked(writes));
      this.#failures = 0;
      return outcome;
    } catch (error) {
      this.#failures++;
      this.#failed = this.#clock.monotonic();
      throw error;
    } finally {
      this.#begun = undefined;
    }
  }

  /** How the last commits went, for those who ask whether the node is ready. */
  get health(): CommitHealth {
    const now = this.#clock.monotonic();
    return {
      waitingMs: this.#begun === undefined ? 0 : now - this.#begun,
      failures: this.#failures,
      failedAgoMs: now - this.#failed,
    };
  }

  /**
   * Gives a shared store back, so that the next node need not wait for the end of the lease. Takes no longer
   * than the lease itself.
   */
  async release(): Promise<void> {
    while (this.#inFlight !== undefined) await this.#inFlight.promise.catch(() => {});
    if (this.#storage.shared && this.lost === undefined) {
      await this.#untilLost(this.#giveBack()).catch((error) =>
        this.#log.warn("lease not given back", { storage: this.name, error })
      );
    }
    this.abandon();
  }

  async #giveBack(): Promise<CommitOutcome> {
    const version = await this.#knownVersion();
    const value = this.#record(++this.#step, true);
    return await this.#storage.commit([{ key: FENCE_KEY, value }], [{ key: FENCE_KEY, version }]);
  }

  /** Ends the renewal of the lease. The record stays as it is, as after a crash. */
  abandon(): void {
    this.#closed = true;
    this.#leaseEnd = Infinity;
    this.#cancelTimer();
  }

  /** The outcome of `commit`, which is in flight until then; the end of the lease ends one that hangs. */
  async #untilLost(commit: Promise<CommitOutcome>): Promise<CommitOutcome> {
    const inFlight = this.#inFlight = Promise.withResolvers<CommitOutcome>();
    commit.then(inFlight.resolve, inFlight.reject);
    try {
      return await inFlight.promise;
    } finally {
      this.#inFlight = undefined;
    }
  }

  /** Leaves the record as it is: a store of one machine has no lease, and writes nothing when it fails. */
  async #commitChecked(writes: readonly Write[]): Promise<CommitOutcome> {
    const check = { key: FENCE_KEY, version: this.#claim.version };
    const outcome = await this.#storage.commit(writes, [check]);
    if (outcome.ok) return outcome;
    const { record } = this.#own(await this.#storage.get(FENCE_KEY));
    throw this.#lose(`the record of its owner was changed: step ${record.step}`);
  }

  async #advance(writes: readonly Write[]): Promise<CommitOutcome> {
    const version = this.#version ?? await this.#knownVersion();
    if (this.lost !== undefined) throw this.lost;
    const step = ++this.#step;
    const sent = this.#clock.monotonic();
    let failure: unknown;
    try {
      const outcome = await this.#storage.commit(
        [...writes, { key: FENCE_KEY, value: this.#record(step) }],
        [{ key: FENCE_KEY, version }],
      );
      if (outcome.ok) {
        this.#made(step, outcome.version, sent);
        return outcome;
      }
    } catch (thrown) {
      failure = thrown;
    }
    return await this.#resolve(step, sent, failure);
  }

  /**
   * Finds out whether `step` was made, after it failed or had a conflict: a client may have sent it twice.
   */
  async #resolve(step: number, sent: number, failure: unknown): Promise<CommitOutcome> {
    let finding = await this.#find(step, sent);
    while (finding === "unreadable") {
      await new Promise<void>((resolve) => this.#clock.after(FENCE_RETRY_MS, resolve));
      finding = await this.#find(step, sent);
    }
    if (finding === "made") return { ok: true };
    throw failure ?? new DenizenError(
      "storage",
      `Cannot commit to ${this.name} as the record of its owner was in another state than expected: step ${step}`,
    );
  }

  /** @throws {DenizenError} `lost_ownership`. */
  async #find(step: number, sent: number): Promise<Finding> {
    if (this.lost !== undefined) throw this.lost;
    let entry: Entry | undefined;
    try {
      entry = await this.#storage.get(FENCE_KEY);
    } catch {
      return "unreadable";
    }
    const { record, version } = this.#own(entry);
    if (record.step >= step) {
      // A later step was made by `#ruleOut`.
      this.#made(record.step, version, sent);
      return record.step === step ? "made" : "not made";
    }
    this.#assertMade(record);
    if (this.lost !== undefined) throw this.lost;
    return await this.#ruleOut(version);
  }

  /** Reads the version of the record after the last commit. */
  async #knownVersion(): Promise<string> {
    if (this.#version === undefined) {
      const { record, version } = this.#own(await this.#storage.get(FENCE_KEY));
      this.#assertMade(record);
      this.#version = version;
    }
    return this.#version;
  }

  /** The record, if this owner wrote it. Otherwise the ownership is lost. */
  #own(entry: Entry | undefined): { readonly record: FenceRecord; readonly version: string } {
    if (entry === undefined) throw this.#lose("the record of its owner is gone");
    const record = decodeFence(entry, this.name);
    const { epoch, owner } = this.#claim.record;
    if (record.epoch === epoch && record.owner === owner) return { record, version: entry.version };
    throw this.#lose(`node "${record.node}" took it over: epoch ${record.epoch} after ${epoch}`);
  }

  #assertMade({ step }: FenceRecord): void {
    if (step === this.#madeStep) return;
    throw this.#lose(`a commit that had failed was made after all: step ${step} after ${this.#madeStep}`);
  }

  /** Replaces the record, so that a commit which checks its present version can never be made. */
  async #ruleOut(version: string): Promise<Finding> {
    const step = ++this.#step;
    const sent = this.#clock.monotonic();
    try {
      const outcome = await this.#storage.commit([{ key: FENCE_KEY, value: this.#record(step) }], [{
        key: FENCE_KEY,
        version,
      }]);
      // After a conflict the record shows which commit was faster.
      if (!outcome.ok) return "unreadable";
      this.#made(step, outcome.version, sent);
      return "not made";
    } catch {
      return "unreadable";
    }
  }

  #made(step: number, version: string | undefined, sent: number): void {
    this.#madeStep = step;
    this.#version = version;
    if (this.lost !== undefined || this.#closed) return;
    this.#leaseEnd = sent + FENCE_LEASE_MS;
    this.#renewed = sent;
  }

  #record(step: number, released = false): Uint8Array {
    return encodeFence({ ...this.#claim.record, step, released, at: this.#clock.now() });
  }

  /** Renews the lease when no commit did for `FENCE_RENEW_MS`, and notices its end. */
  #watchLease(): void {
    const now = this.#clock.monotonic();
    const delay = Math.min(this.#renewed + FENCE_RENEW_MS, this.#leaseEnd) - now;
    this.#cancelTimer = this.#clock.after(Math.max(delay, FENCE_RETRY_MS), () => {
      if (this.lost !== undefined || this.#closed) return;
      const due = this.#clock.monotonic() >= this.#renewed + FENCE_RENEW_MS;
      if (due && this.#inFlight === undefined) {
        this.commit([]).catch((error) => this.#log.warn("lease not renewed", { storage: this.name, error }));
      }
      this.#watchLease();
    });
  }

  #lose(reason: string): DenizenError {
    if (this.#lost !== undefined) return this.#lost;
    const error = new DenizenError(
      "lost_ownership",
      `Cannot go on as this node no longer owns ${this.name}: ${reason}`,
    );
    this.#lost = error;
    this.abandon();
    this.#log.error("ownership lost", { storage: this.name, reason });
    this.#inFlight?.reject(error);
    for (const callback of this.#whenLost.splice(0)) {
      try {
        callback(error);
      } catch (thrown) {
        this.#log.error("callback of a lost ownership failed", { error: messageOf(thrown) });
      }
    }
    return error;
  }
}
