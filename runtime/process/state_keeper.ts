/**
 * The state of one process in memory and its way to the store.
 *
 * Owns: the instance, the image of what was last saved, when a save policy is due, savepoints. Does not own: turns, and what a
 * commit's position means to others (handler_runner.ts).
 *
 * - I1 The *image* is the state as last saved or loaded, as JSON text; while `#current`, the instance equals it. An unchanged
 *   state is never written.
 * - I2 Rolling back keeps the instance's identity: a closure that `@init` made still sees the state.
 */
import type { SavePolicy } from "@denizen/macro";
import type { Cancel, Clock } from "../world/clock.ts";
import { STATE_WARN_BYTES } from "../limits.ts";
import type { Log } from "../log.ts";
import type { CommitQueue } from "../commit/commit_queue.ts";
import type { Storage } from "../storage/storage.ts";
import type { Definition } from "./definition.ts";
import {
  copyOf,
  handoverKey,
  imageOf,
  record,
  restoreRecord,
  rollBackToImage,
  stateKey,
} from "./stored_state.ts";

/** What the states of a node share. */
export interface StateHost {
  readonly clock: Clock;
  readonly storage: Storage;
  readonly commits: CommitQueue;
  readonly log: Log;
  /** States that a reload handed over, by the id of their process; each is taken by one start that succeeds. */
  readonly handover: Map<string, Uint8Array>;
}

export interface StateOwner {
  readonly host: StateHost;
  readonly definition: Definition;
  readonly id: string;
  readonly key: string | undefined;
  /** A timed save is due; the owner calls {@link StateKeeper.commit} between handlers. */
  saveIsDue(): void;
}

export class StateKeeper {
  instance: object | undefined = undefined;
  readonly #owner: StateOwner;
  #image: string | undefined = undefined;
  #current = false;
  /** A copy of the state as the last handler left it, for the next savepoint. */
  #spare: unknown = undefined;
  #unsavedMessages = 0;
  #timer: Cancel | null = null;

  constructor(owner: StateOwner) {
    this.#owner = owner;
  }

  /** Whether the instance may hold what is not saved. */
  get unsaved(): boolean {
    return this.instance !== undefined && !this.#current;
  }

  /**
   * Makes the instance, from what is stored if anything is.
   *
   * @throws {DenizenError} `state_unreadable`, or what the store throws.
   */
  async load(): Promise<object> {
    const { definition, host, id, key } = this.#owner;
    const stored = await host.storage.get(stateKey(definition, key));
    const instance = definition.create();
    const bytes = host.handover.get(id) ?? stored?.value;
    const migrated = bytes !== undefined && restoreRecord(definition, id, instance, bytes).migrated;
    if (!migrated && definition.save.kind !== "never") {
      this.#image = imageOf(definition, id, instance);
      this.#current = true;
    }
    return this.instance = instance;
  }

  drop(): void {
    this.instance = undefined;
    this.#image = undefined;
    this.touch();
    this.#unsavedMessages = 0;
    this.stopTimer();
  }

  /**
   * What {@link rollBack} goes back to, once: for free if the state is saved, else a copy.
   *
   * @throws {DenizenError} `state_invalid`.
   */
  savepoint(): unknown {
    if (this.#current) return this.#image;
    const spare = this.#spare;
    this.#spare = undefined;
    return spare ?? copyOf(this.#owner.definition, this.#owner.id, this.instance!);
  }

  rollBack(savepoint: unknown): void {
    if (savepoint === undefined || this.instance === undefined) return;
    const { definition } = this.#owner;
    if (typeof savepoint === "string") rollBackToImage(definition, this.instance, savepoint);
    else definition.state.restore(this.instance, savepoint);
    this.touch();
    this.#current = savepoint === this.#image;
  }

  /**
   * A nested handler has ended, and the outer one will save what it did.
   *
   * @throws {DenizenError} `state_invalid`.
   */
  check(): void {
    this.touch();
    copyOf(this.#owner.definition, this.#owner.id, this.instance!);
  }

  /** A handler may have changed the state. */
  touch(): void {
    this.#current = false;
    this.#spare = undefined;
  }

  /**
   * Does what `policy` asks for after a handler. Returns the position of the commit it made, or 0. A state that is not written
   * is copied, so that this handler is the one that fails if it left a state that is none.
   *
   * @throws {DenizenError} `state_invalid`, `state_too_large` or `overloaded`.
   */
  save(policy: SavePolicy): number {
    if (policy.kind === "everyMessage" || policy.kind === "onDiff") return this.commit();
    if (policy.kind === "everyNMessages" && this.#unsavedMessages + 1 >= policy.messages) {
      return this.commit();
    }
    const { definition, id } = this.#owner;
    this.#current = false;
    this.#spare = definition.interleaved ? undefined : copyOf(definition, id, this.instance!);
    if (policy.kind === "everyNMessages") this.#unsavedMessages++;
    else if (policy.kind === "everySeconds") {
      this.#timer ??= this.#owner.host.clock.after(policy.seconds * 1000, () => {
        this.#timer = null;
        this.#owner.saveIsDue();
      });
    }
    return 0;
  }

  /**
   * Puts the state, if it changed, into the commit queue. Returns the position, or 0 if there was nothing to write.
   *
   * @throws {DenizenError} `state_invalid`, `state_too_large` or `overloaded`.
   */
  commit(): number {
    const { host, definition, id, key } = this.#owner;
    const image = imageOf(definition, id, this.instance!);
    let position = 0;
    if (image !== this.#image) {
      position = host.commits.append(id, stateKey(definition, key), record(definition, image));
      this.#warnIfLarge(image);
      this.#image = image;
    }
    this.#current = true;
    this.#spare = undefined;
    this.#unsavedMessages = 0;
    this.stopTimer();
    return position;
  }

  /** Writes the state where only the next start finds it. */
  handOver(): void {
    const { host, definition, id } = this.#owner;
    const image = imageOf(definition, id, this.instance!);
    host.commits.append(`handover ${id}`, handoverKey(id), record(definition, image));
  }

  stopTimer(): void {
    this.#timer?.();
    this.#timer = null;
  }

  /** Once when the state grows past the bound, and at every doubling after that. */
  #warnIfLarge(image: string): void {
    const doublings = (text: string) => Math.floor(Math.log2(text.length / STATE_WARN_BYTES));
    if (image.length < STATE_WARN_BYTES) return;
    if (this.#image !== undefined && doublings(this.#image) >= doublings(image)) return;
    this.#owner.host.log.warn("state is large", { process: this.#owner.id, bytes: image.length });
  }
}
