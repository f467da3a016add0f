/**
 * One active process.
 *
 * Owns: the mailbox, which message is next, and the life of the process: start, crash, loss, leaving memory, end. Does not own:
 * how a handler runs and what becomes of it (handler_runner.ts), the state (state_keeper.ts), when it starts again after a crash
 * (restarts.ts), how messages arrive and answers leave (transport/, http/), when commits are written (commit/commit_queue.ts),
 * which cells exist (directory.ts).
 *
 * Invariants:
 * - I1 A serial cell starts a handler only while none runs, except one that its running handler waits for (G2).
 * - I2 A message that cannot start now waits in the mailbox, with its deadline watched, or is answered with the reason (G5).
 * - I3 A state that was lost or cannot be read is never written: the instance is dropped and loaded again, or the cell stops (G8).
 */
import { DenizenError } from "../errors.ts";
import { restarting } from "./cell_errors.ts";
import { deadlock, findWaitCycle } from "./deadlock.ts";
import type { Handler } from "./definition.ts";
import { HandlerRunner } from "./handler_runner.ts";
import { type Carrier, Invocation } from "./invocation.ts";
import { Mailbox } from "./mailbox.ts";
import { Restarts } from "./restarts.ts";

export type CellStatus =
  /** Nothing in memory. Next: loading, by the first message. */
  | "cold"
  /** Reads its state and runs `@init`; messages wait. Next: active, restarting, stopped. */
  | "loading"
  /** Handles messages. Next: cold (passivated, or its state was lost). */
  | "active"
  /** Crashed while loading; messages wait. Next: loading, after the backoff. */
  | "restarting"
  /** Its stored state cannot be read, or the node stops; every message fails. Next: none. */
  | "stopped";

/** For `@init`, which nobody sends. */
const NOWHERE: Carrier = { name: "none", result: () => undefined };

export class Cell extends HandlerRunner {
  status: CellStatus = "cold";
  /** Sweeps since its last message; see passivation.ts. */
  idleSweeps = 0;
  /** Why it is restarting or stopped. */
  trouble: DenizenError | undefined = undefined;

  private mailbox: Mailbox | null = null;
  private draining = false;
  private restarts: Restarts | null = null;
  private onSettled: (() => void)[] | null = null;

  protected get active(): boolean {
    return this.status === "active";
  }

  /** By {@link close}, while it was loading. */
  private get closed(): boolean {
    return this.status === "stopped";
  }

  get waiting(): number {
    return this.mailbox?.size ?? 0;
  }

  get idle(): boolean {
    return this.running === null && this.others === 0 && this.waiting === 0;
  }

  /** Whether nothing goes on, and nothing is going to without a new message or the passing of time. */
  get settled(): boolean {
    return this.idle ? this.status !== "loading" : this.status === "restarting";
  }

  // Messages.

  /** Takes a message. Its answer, whatever it is, is on the invocation when `onDone` is called; that may be before this returns. */
  deliver(invocation: Invocation): void {
    this.idleSweeps = 0;
    if (this.status === "active" && !this.definition.interleaved && this.idle) this.start(invocation, false);
    else this.enqueue(invocation);
  }

  private enqueue(invocation: Invocation): void {
    if (this.status === "stopped") return invocation.finish(this.trouble);
    if (this.status === "active" && this.definition.interleaved) {
      if (!this.lost) return this.admit(invocation);
      // What waits here waits for all of its handlers, and one of those may wait for the sender.
      if (invocation.parent) return invocation.finish(this.lost);
    }
    if (invocation.parent && this.running && invocation.comesFrom(this)) return this.nest(invocation);
    const cycle = findWaitCycle(invocation, this);
    if (cycle) return invocation.finish(deadlock(invocation, cycle));
    try {
      (this.mailbox ??= new Mailbox()).push(invocation);
    } catch (error) {
      return invocation.finish(error as DenizenError);
    }
    this.watch(invocation);
    if (this.status === "cold") this.load();
  }

  protected turnsEnded(): void {
    if (this.status !== "active") return;
    if (this.lost) return this.forget();
    if (this.mailbox !== null) this.drainMailbox();
    if (this.onSettled !== null) this.settle();
  }

  /** A loop, not a recursion: `turnsEnded` comes back here for each handler that ends synchronously. */
  private drainMailbox(): void {
    if (this.draining) return;
    this.draining = true;
    const { interleaved } = this.definition;
    while (this.status === "active" && this.running === null && (this.others === 0 || interleaved)) {
      const invocation = this.mailbox?.shift();
      if (!invocation) break;
      if (interleaved) this.others++;
      this.start(invocation, interleaved);
    }
    this.draining = false;
  }

  private refuseWaiting(error: DenizenError): void {
    for (let next = this.mailbox?.shift(); next; next = this.mailbox?.shift()) this.refuse(next, error);
  }

  private settle(): void {
    if (this.onSettled === null || !this.settled) return;
    for (const resolve of this.onSettled) resolve();
    this.onSettled = null;
  }

  /** Resolves when no message is being handled and none waits, but for the end of a backoff. */
  whenSettled(): Promise<void> {
    if (this.settled) return Promise.resolve();
    return new Promise((resolve) => (this.onSettled ??= []).push(resolve));
  }

  // Coming to life.

  /** Brings it to life without a message. */
  activate(): void {
    if (this.status === "cold") this.load();
  }

  private async load(): Promise<void> {
    this.status = "loading";
    try {
      await this.whenKnown();
      await this.state.load();
    } catch (error) {
      if (error instanceof DenizenError && error.code === "state_unreadable") this.stop(error);
      else this.crash(error);
      return;
    }
    if (this.closed) return;
    try {
      if (this.definition.init) await this.initialize(this.definition.init);
    } catch (error) {
      if (!this.lost) return this.crash(error);
    }
    if (this.closed) return;
    if (this.lost) return this.forget();
    this.status = "active";
    this.host.handover.delete(this.id);
    this.trouble = undefined;
    this.restarts?.started();
    if (this.mailbox !== null) this.drainMailbox();
    this.settle();
  }

  /** What the last instance saved is read when it is known whether it is durable; the new one depends on nothing else. */
  private async whenKnown(): Promise<void> {
    if (this.position > this.host.commits.durable) {
      await this.host.commits.reached(this.position).catch(() => {});
    }
    this.position = 0;
  }

  /** Runs `@init` on behalf of the message that woke the process: it may call who sent that. */
  private initialize(init: Handler): Promise<void> {
    const sender = this.mailbox?.first?.parent ?? null;
    const invocation = new Invocation(this, init, [], NOWHERE, sender, Infinity);
    return new Promise((resolve, reject) => {
      invocation.onDone = ({ error }) => error ? reject(error.cause ?? error) : resolve();
      this.start(invocation, false);
    });
  }

  private crash(error: unknown): void {
    if (this.closed) return;
    this.dropInstance();
    const delayMs = (this.restarts ??= new Restarts(this.host.clock)).crashed(() => this.load());
    this.status = "restarting";
    this.trouble = restarting(this.id, error, delayMs);
    this.host.log.error("process crashed", { process: this.id, restartInMs: delayMs, error });
    this.settle();
  }

  // Losing the state, leaving, ending.

  /** Commits from `from` on were lost: what builds on them must not be built upon. Messages that tell of them are not handled. */
  lose(from: number, error: DenizenError): void {
    for (const waiting of this.mailbox ?? []) {
      if (waiting.position >= from) waiting.abandon(error);
    }
    if (this.position < from) return;
    if (this.status !== "active" && this.status !== "loading") return;
    this.lost = error;
    if (this.status === "active" && this.running === null && this.others === 0) this.forget();
  }

  /** Drops the instance; the last durable state is loaded again, at once if somebody waits or the process is always there. */
  private forget(): void {
    this.becomeCold();
    this.host.log.warn("state lost, loading the last durable one", { process: this.id });
    if (!this.definition.keyed || this.waiting > 0) this.load();
    this.settle();
  }

  private becomeCold(): void {
    this.status = "cold";
    this.dropInstance();
  }

  /**
   * Saves what its policy has not saved yet, without what a handler in progress has done so far. A `never` process is handed over
   * if `keepVolatile`. Says whether nothing is left to save.
   */
  flush(keepVolatile: boolean): boolean {
    if (this.status !== "active" || this.lost) return true;
    if (this.running) this.setBack(this.running);
    if (this.lost) return true;
    if (!this.state.unsaved && this.others === 0) return true;
    if (this.definition.save.kind !== "never") return this.saveNow();
    try {
      if (keepVolatile) this.state.handOver();
      return true;
    } catch (error) {
      this.host.log.error("state not handed over", { process: this.id, error });
      return false;
    }
  }

  /** Leaves memory if nothing is going on and everything is durable; otherwise saves, to leave at a later call. */
  passivate(): boolean {
    if (this.status === "cold") return this.waiting === 0;
    if (this.status !== "active" || !this.idle) return false;
    if (!this.flush(false)) this.idleSweeps = 0;
    else if (this.position <= this.host.commits.durable) {
      this.becomeCold();
      return true;
    }
    return false;
  }

  /** Its stored state cannot be read: nothing can be done until somebody mends it, or the class. */
  private stop(error: DenizenError): void {
    this.status = "stopped";
    this.trouble = error;
    this.host.log.error("process stopped", { process: this.id, error });
    this.refuseWaiting(error);
    this.settle();
  }

  /** The node stops: from now on every message gets `error`, and nothing wakes it up. */
  close(error: DenizenError): void {
    this.status = "stopped";
    this.trouble = error;
    this.state.stopTimer();
    this.restarts?.cancel();
    this.refuseWaiting(error);
    this.settle();
  }
}
