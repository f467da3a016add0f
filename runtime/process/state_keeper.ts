/**
 * The state of one process on its way to the store and back.
 *
 * Owns: the executor while the process is in memory, the image of what was saved last, when a save policy is
 * due. Does not own: what a state looks like (executor.ts), turns, and what the position of a commit means to
 * others (outcome.ts).
 *
 * Invariants:
 * - I1 The *image* is the state as last saved or loaded, as JSON text. A state whose image has not changed is
 *   not written.
 * - I2 A handler that leaves a state which cannot be saved is the one that fails, even where its policy saves
 *   later.
 */
import type { SavePolicy } from "@denizen/macro";
import type { CommitQueue } from "../commit/commit_queue.ts";
import { DenizenError } from "../errors.ts";
import { SAVE_RETRY_MS, STATE_WARN_BYTES } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Storage } from "../storage/storage.ts";
import type { Cancel, Clock } from "../world/clock.ts";
import type { Definition } from "./definition.ts";
import type { Executor, Savepoint } from "./executor.ts";
import {
  bytesOf,
  checkSize,
  invalidState,
  readRecord,
  record,
  stateKey,
  unreadableState,
  VOLATILE_IN_USE_KEY,
  volatileKey,
} from "./stored_state.ts";

/** What the states of a node share. */
export interface StateHost {
  readonly clock: Clock;
  readonly storage: Storage;
  readonly commits: CommitQueue;
  readonly log: Log;
  /** Ids of `Save.never` processes whose state a reload kept and no start has taken yet. */
  readonly volatileStates: Set<string>;
}

export interface StateOwner {
  readonly host: StateHost;
  readonly definition: Definition;
  readonly id: string;
  readonly key: string | undefined;
  /** A timed save is due; the owner saves between handlers. */
  saveIsDue(): void;
}

export class StateKeeper {
  /** Runs the process while it is in memory. */
  executor: Executor | null = null;
  /** A handler may have changed the state since it was saved. */
  #unsaved = false;
  readonly #owner: StateOwner;
  #image: string | undefined = undefined;
  #unsavedMessages = 0;
  #timer: Cancel | null = null;

  constructor(owner: StateOwner) {
    this.#owner = owner;
  }

  /** Whether the state may hold what is not saved. */
  get unsaved(): boolean {
    return this.executor !== null && this.#unsaved;
  }

  /**
   * Brings the process to life, from what is stored if anything is.
   *
   * @throws {DenizenError} `state_unreadable`, or what the store or the executor throws.
   */
  async load(): Promise<void> {
    const { definition, host, id, key } = this.#owner;
    const kept = host.volatileStates.has(id) ? await host.storage.get(volatileKey(id)) : undefined;
    const stored = kept ?? await host.storage.get(stateKey(definition, key));
    const executor = definition.executor();
    let version = definition.version;
    try {
      const saved = stored && readRecord(stored.value);
      if (saved) version = saved.version;
      await executor.open(saved);
    } catch (cause) {
      throw stored ? unreadableState(id, cause) : cause;
    }
    this.executor = executor;
    const migrated = version !== definition.version;
    this.#unsaved = migrated || kept !== undefined || definition.save.kind === "never";
    if (!this.#unsaved) this.#image = this.#capture();
  }

  drop(): void {
    this.executor?.close();
    this.executor = null;
    this.#image = undefined;
    this.#unsaved = false;
    this.#unsavedMessages = 0;
    this.stopTimer();
  }

  savepoint(): Savepoint {
    return this.executor!.savepoint();
  }

  rollBack(savepoint: Savepoint | undefined): void {
    if (savepoint !== undefined) this.executor?.rollBack(savepoint);
  }

  /** A handler may have changed the state. */
  touch(): void {
    this.#unsaved = true;
  }

  /** @throws {DenizenError} `state_invalid`. */
  check(): void {
    this.#unsaved = true;
    try {
      this.executor!.check();
    } catch (cause) {
      throw cause instanceof DenizenError ? cause : invalidState(this.#owner.id, cause);
    }
  }

  /** Whether `policy` asks for a save after this handler. If it asks for one later, that is noted. */
  isDue(policy: SavePolicy): boolean {
    switch (policy.kind) {
      case "everyMessage":
      case "onDiff":
        return true;
      case "everyNMessages":
        return ++this.#unsavedMessages >= policy.messages;
      case "everySeconds":
        this.#saveAfter(policy.seconds * 1000);
        return false;
      case "never":
        return false;
    }
  }

  /**
   * Puts the state, if it changed, into the commit queue. Returns the position, or 0 if there was nothing to
   * write.
   *
   * @throws {DenizenError} `state_invalid`, `state_too_large` or `overloaded`.
   */
  commit(): number {
    const { host, definition, id, key } = this.#owner;
    const image = this.#capture();
    let position = 0;
    if (image !== this.#image) {
      const value = record(definition.version, image);
      position = host.commits.append([{ kind: "state", id, key: stateKey(definition, key), value }]);
      this.#warnIfLarge(image);
      this.#image = image;
    }
    this.#unsaved = false;
    this.#unsavedMessages = 0;
    this.stopTimer();
    return position;
  }

  /**
   * Keeps the state for the next start only: a reload, after which a process that never saves goes on as it
   * was.
   */
  keepForReload(): void {
    const { host, definition, id } = this.#owner;
    const value = record(definition.version, this.#capture());
    host.commits.append([{ kind: "volatile state", id: `volatile ${id}`, key: volatileKey(id), value }]);
  }

  /** What a reload kept counts for one start, and this one has succeeded. */
  takeFromReload(): void {
    const { host, id } = this.#owner;
    if (!host.volatileStates.delete(id)) return;
    try {
      host.commits.append([
        { kind: "volatile state", id: `volatile ${id}`, key: volatileKey(id), value: null },
      ]);
    } catch (error) {
      host.log.warn("state of a reload not removed", { process: id, error });
    }
  }

  /** The store was too far behind to take the state: it is tried again. */
  saveLater(): void {
    this.#saveAfter(SAVE_RETRY_MS);
  }

  #saveAfter(delayMs: number): void {
    this.#timer ??= this.#owner.host.clock.after(delayMs, () => {
      this.#timer = null;
      this.#owner.saveIsDue();
    });
  }

  stopTimer(): void {
    this.#timer?.();
    this.#timer = null;
  }

  #capture(): string {
    const { id } = this.#owner;
    let image: string;
    try {
      image = this.executor!.capture();
    } catch (cause) {
      throw cause instanceof DenizenError ? cause : invalidState(id, cause);
    }
    checkSize(id, image);
    return image;
  }

  /** Once when the state grows past the bound, and at every doubling after that. */
  #warnIfLarge(image: string): void {
    const bytes = bytesOf(image, STATE_WARN_BYTES);
    if (bytes < STATE_WARN_BYTES) return;
    const doublings = (bytes: number) => Math.floor(Math.log2(bytes / STATE_WARN_BYTES));
    const before = this.#image === undefined ? 0 : bytesOf(this.#image, STATE_WARN_BYTES);
    if (doublings(before) >= doublings(bytes)) return;
    this.#owner.host.log.warn("state is large", { process: this.#owner.id, bytes });
  }
}

/** The run ends in a reload: the states that it kept are for the next start. */
export function endInReload(commits: CommitQueue): void {
  commits.append([{ kind: "volatile state", id: "volatile states", key: VOLATILE_IN_USE_KEY, value: null }]);
}
