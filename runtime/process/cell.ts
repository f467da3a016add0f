/**
 * One active process: its life from the first message to the end.
 *
 * Owns: start, crash, loss, leaving memory, end. Does not own: who runs and who waits (turns.ts), what
 * becomes of a handler (outcome.ts), the state (state_keeper.ts), when it starts again after a crash
 * (restarts.ts), how messages arrive and answers leave (ingress/), when commits are written (commit/), which
 * cells exist (directory.ts).
 *
 * Invariants:
 * - I1 Handlers start only while the process is active; `@init` alone runs while it is loading.
 * - I2 A state that was lost or cannot be read is never written: the instance is dropped and loaded again, or
 *   the process stops (G8).
 * - I3 While the state is invalidated, no handler on it succeeds, and nothing of it is saved (G4).
 */
import { DenizenError } from "../errors.ts";
import type { Message } from "../message/message.ts";
import { Activation, NO_REPLY } from "./activation.ts";
import type { Definition } from "./definition.ts";
import { restarting } from "./faults.ts";
import type { Handler } from "./handler.ts";
import type { Process, ProcessHost } from "./process.ts";
import { Restarts } from "./restarts.ts";
import { StateKeeper } from "./state_keeper.ts";
import { Turns } from "./turns.ts";

type Life =
  /** Nothing in memory. Next: loading, by the first message. */
  | { readonly kind: "cold" }
  /**
   * Reads its state and runs `@init`; messages wait. Next: active; cold if invalidated meanwhile; restarting,
   * stopped.
   */
  | { readonly kind: "loading"; invalidated: DenizenError | undefined }
  /** Handles messages. Next: invalidated, cold (passivated), stopped. */
  | { readonly kind: "active" }
  /** Its state is not valid any more, and its handlers have not ended yet. Next: cold. */
  | { readonly kind: "invalidated"; readonly error: DenizenError }
  /** Crashed while loading; messages wait. Next: loading, after the backoff; stopped. */
  | { readonly kind: "restarting"; readonly error: DenizenError }
  /** Its stored state cannot be read, or the node stops; every message fails. Next: none. */
  | { readonly kind: "stopped"; readonly error: DenizenError };

/** These hold nothing of a process, so that one of each does for all. */
const COLD: Life = { kind: "cold" };
const ACTIVE: Life = { kind: "active" };

export class Cell implements Process {
  position = 0;
  /** Handlers that ended while the process was active, and those of them that failed. */
  messages = 0;
  failures = 0;
  /** How often its state was discarded because a commit of it was lost or a change could not be undone. */
  losses = 0;
  /** Sweeps since its last message; see passivation.ts. */
  idleSweeps = 0;
  readonly state: StateKeeper;
  readonly turns: Turns;
  #life: Life = COLD;
  #restarts: Restarts | null = null;
  #onSettled: (() => void)[] | null = null;

  constructor(
    readonly host: ProcessHost,
    readonly definition: Definition,
    readonly id: string,
    readonly key: string | undefined,
  ) {
    this.state = new StateKeeper(this);
    this.turns = new Turns(this);
  }

  get status(): Life["kind"] {
    return this.#life.kind;
  }

  /** Why it is restarting or stopped. */
  get trouble(): DenizenError | undefined {
    const life = this.#life;
    return life.kind === "restarting" || life.kind === "stopped" ? life.error : undefined;
  }

  get active(): boolean {
    return this.#life === ACTIVE;
  }

  get invalidated(): DenizenError | undefined {
    const life = this.#life;
    if (life === ACTIVE) return undefined;
    if (life.kind === "loading") return life.invalidated;
    return life.kind === "invalidated" ? life.error : undefined;
  }

  get running(): Activation | null {
    return this.turns.running;
  }

  /** Whether nothing goes on, and nothing is going to without a new message or the passing of time. */
  get settled(): boolean {
    return this.turns.idle ? this.#life.kind !== "loading" : this.#life.kind === "restarting";
  }

  awaits(message: Message): boolean {
    return this.turns.awaits(message);
  }

  dependOn(position: number): void {
    if (position > this.position) this.position = position;
  }

  count(failed: boolean): void {
    this.messages++;
    if (failed) this.failures++;
  }

  checkpoint(activation: Activation): Promise<void> {
    return this.turns.checkpoint(activation);
  }

  saveIsDue(): void {
    this.turns.saveIsDue();
  }

  // Messages.

  /**
   * Takes a message. Its answer, whatever it is, is on the activation when `onDone` is called; that may be
   * before this returns.
   */
  deliver(activation: Activation): void {
    this.idleSweeps = 0;
    if (this.#life === ACTIVE) this.turns.deliver(activation);
    else this.#deliverInactive(activation, this.#life);
  }

  #deliverInactive(activation: Activation, life: Life): void {
    if (life.kind === "stopped") return activation.finish(life.error);
    if (life.kind === "invalidated" && this.definition.interleaved && activation.message.chain !== null) {
      // What waits here waits for all of its handlers, and one of those may wait for the sender.
      return activation.finish(life.error);
    }
    this.turns.enqueue(activation);
    if (life === COLD && this.turns.waiting > 0) this.#load();
  }

  turnsEnded(): void {
    if (this.#life.kind === "invalidated") return this.#discard();
    if (this.#life !== ACTIVE) return;
    this.turns.drainMailbox();
    this.#settle();
  }

  #settle(): void {
    if (this.#onSettled === null || !this.settled) return;
    for (const resolve of this.#onSettled) resolve();
    this.#onSettled = null;
  }

  /** Resolves when no message is being handled and none waits, but for the end of a backoff. */
  whenSettled(): Promise<void> {
    if (this.settled) return Promise.resolve();
    return new Promise((resolve) => (this.#onSettled ??= []).push(resolve));
  }

  // Coming to life.

  /** Brings it to life without a message. */
  activate(): void {
    if (this.#life === COLD) this.#load();
  }

  async #load(): Promise<void> {
    const life: Life = { kind: "loading", invalidated: undefined };
    this.#life = life;
    try {
      await this.#whenKnown();
      await this.state.load();
    } catch (error) {
      if (error instanceof DenizenError && error.code === "state_unreadable") this.#stop(error);
      else this.#crash(life, error);
      return;
    }
    if (this.#life !== life) return this.state.drop();
    try {
      if (this.definition.init) await this.#initialize(this.definition.init);
    } catch (error) {
      if (!life.invalidated) return this.#crash(life, error);
    }
    if (this.#life !== life) return;
    if (life.invalidated) return this.#discard();
    this.#life = ACTIVE;
    this.state.takeFromReload();
    this.#restarts?.started();
    this.turns.drainMailbox();
    this.turns.dropEmptyMailbox();
    this.#settle();
  }

  /**
   * What the last instance saved is read when it is known whether it is durable; the new one depends on
   * nothing else.
   */
  async #whenKnown(): Promise<void> {
    const { commits } = this.host;
    if (this.position > commits.durable) await commits.reached(this.position).catch(() => {});
    this.position = 0;
  }

  /** Runs `@init` on behalf of the message that woke the process: it may call its sender. */
  #initialize(init: Handler): Promise<void> {
    const message: Message = {
      target: this.id,
      tag: init.tag,
      args: [],
      principal: { kind: "process", id: this.id },
      chain: this.turns.first?.message.chain ?? null,
      deadline: Infinity,
    };
    const activation = new Activation(this, init, message, NO_REPLY);
    return new Promise((resolve, reject) => {
      activation.onDone = ({ error }) => error ? reject(error.cause ?? error) : resolve();
      this.turns.start(activation);
    });
  }

  #crash(life: Life, error: unknown): void {
    if (this.#life !== life) return;
    this.#dropInstance();
    const delayMs = (this.#restarts ??= new Restarts(this.host.clock)).crashed(() => this.#load());
    this.#life = { kind: "restarting", error: restarting(this.id, error, delayMs) };
    this.host.log.error("process crashed", { process: this.id, restartInMs: delayMs, error });
    this.#settle();
  }

  // Losing the state, leaving, ending.

  /**
   * Commits from `from` on were lost, and with them what depends on one of them: states, and messages that
   * were sent from such.
   */
  lose(from: number, error: DenizenError): void {
    this.turns.abandonFrom(from, error);
    if (this.position >= from) this.invalidate(error);
  }

  invalidate(error: DenizenError): void {
    const life = this.#life;
    if (life.kind === "loading") life.invalidated ??= error;
    if (life !== ACTIVE) return;
    this.#life = { kind: "invalidated", error };
    if (this.turns.over) this.#discard();
  }

  /**
   * Drops the instance; the last durable state is loaded again, at once if a message waits or the process is
   * always there.
   */
  #discard(): void {
    this.losses++;
    this.#becomeCold();
    this.host.log.warn("state discarded, loading the last durable one", { process: this.id });
    if (!this.definition.keyed || this.turns.waiting > 0) this.#load();
    this.#settle();
  }

  #becomeCold(): void {
    this.#life = COLD;
    this.#dropInstance();
  }

  #dropInstance(): void {
    this.state.drop();
    this.turns.forgetSave();
  }

  /**
   * Saves what its policy has not saved yet, without what a handler in progress has done so far. The state of
   * a process that never saves is kept for a reload if `keepVolatile`. Says whether nothing is left to save.
   */
  flush(keepVolatile: boolean): boolean {
    if (this.#life !== ACTIVE) return true;
    this.turns.interrupt();
    // By the interruption, if it could not undo the handler.
    if (this.invalidated) return true;
    if (!this.state.unsaved && this.turns.over) return true;
    if (this.definition.save.kind !== "never") return this.turns.saveNow();
    try {
      if (keepVolatile) this.state.keepForReload();
      return true;
    } catch (error) {
      this.host.log.error("state not kept for the reload", { process: this.id, error });
      return false;
    }
  }

  /**
   * Leaves memory if nothing is going on and everything is durable; otherwise saves, to leave at a later
   * call.
   */
  passivate(): boolean {
    if (this.#life === COLD) return this.turns.waiting === 0 && this.#isKnown;
    if (this.#life !== ACTIVE || !this.turns.idle) return false;
    if (!this.flush(false)) this.idleSweeps = 0;
    else if (this.position <= this.host.commits.durable) {
      this.#becomeCold();
      return true;
    }
    return false;
  }

  /** Whether the outcome of its last commit is known: no other cell of this address may read before that. */
  get #isKnown(): boolean {
    const { commits } = this.host;
    return this.position <= commits.durable || commits.lossOf(this.position) !== undefined;
  }

  /**
   * Its stored state cannot be read: it starts again when the class or the state has been changed, and the
   * node started anew.
   */
  #stop(error: DenizenError): void {
    this.host.log.error("process stopped", { process: this.id, error });
    this.close(error);
  }

  /** From now on every message gets `error`, and nothing wakes it up. */
  close(error: DenizenError): void {
    this.#life = { kind: "stopped", error };
    // A handler that goes on past the node's patience still has its instance.
    if (this.turns.over) this.state.drop();
    else this.state.stopTimer();
    this.#restarts?.cancel();
    this.turns.rejectWaiting(error);
    this.#settle();
  }
}
