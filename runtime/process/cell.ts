/**
 * One active process.
 *
 * Owns: the mailbox, whose turn it is, and what anything that leaves must wait for. Does not own: the state (state_keeper.ts),
 * what handlers inside of one another mean for each other (nested_handlers.ts), when it starts again after a crash (restarts.ts),
 * how messages arrive and answers leave (transport/, http/), when commits are written (storage/commit_queue.ts), which cells exist
 * (directory.ts).
 *
 * Invariants:
 * - I1 A serial cell starts a handler only while none runs, except one that its running handler waits for (G2). The latter, and
 *   every handler of an interleaved cell, starts in a microtask of its own, so that no turn begins inside of another.
 * - I2 A serial handler that throws, or whose answer or state is invalid, leaves the state of its start (G4).
 * - I3 `position` is the newest commit that anything in this state depends on: its own, or one of a process whose answer or call
 *   it has seen. Whatever leaves the node because of this state waits for it (G3).
 * - I4 A state that was lost or cannot be read is never written: the instance is dropped and loaded again, or the cell stops (G8).
 */
import { DenizenError, messageOf } from "../errors.ts";
import type { Deadlines } from "../message/deadlines.ts";
import {
  entangled,
  interrupted,
  notUndone,
  restarting,
  savedTooLate,
  threw,
  toReply,
} from "./cell_errors.ts";
import type { Context } from "./context.ts";
import { deadlock, findWaitCycle } from "./deadlock.ts";
import type { Definition, Handler } from "./definition.ts";
import { type Carrier, Invocation, Stage, type Unit } from "./invocation.ts";
import { Mailbox } from "./mailbox.ts";
import { NestedHandlers } from "./nested_handlers.ts";
import { Restarts } from "./restarts.ts";
import { type StateHost, StateKeeper, type StateOwner } from "./state_keeper.ts";

/** What every cell of a node shares. */
export interface CellHost extends StateHost {
  readonly deadlines: Deadlines;
  context(cell: Cell, invocation: Invocation): Context;
}

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

export class Cell implements Unit, StateOwner {
  status: CellStatus = "cold";
  running: Invocation | null = null;
  position = 0;
  /** Sweeps since its last message; see passivation.ts. */
  idleSweeps = 0;
  messages = 0;
  failures = 0;
  /** Why it is restarting or stopped. */
  trouble: DenizenError | undefined = undefined;

  private readonly state = new StateKeeper(this);
  private mailbox: Mailbox | null = null;
  /** Handlers in flight beside `running`: nested or interleaved ones. */
  private others = 0;
  private nested: NestedHandlers | null = null;
  /** Why the outer handler is going to fail, whatever it does. */
  private spoiled: DenizenError | undefined = undefined;
  private draining = false;
  private saveDue = false;
  /** The state in memory builds on a commit that was lost, and a handler still runs on it. */
  lost: DenizenError | undefined = undefined;
  private restarts: Restarts | null = null;
  private onSettled: (() => void)[] | null = null;

  constructor(
    readonly host: CellHost,
    readonly definition: Definition,
    readonly id: string,
    readonly key: string | undefined,
  ) {}

  get waiting(): number {
    return this.mailbox?.size ?? 0;
  }

  get idle(): boolean {
    return this.running === null && this.others === 0 && this.waiting === 0;
  }

  /** Takes a message. Its answer, whatever it is, is on the invocation when `onDone` is called; that may be before this returns. */
  deliver(invocation: Invocation): void {
    this.idleSweeps = 0;
    if (this.status === "active" && !this.definition.interleaved && this.idle) this.start(invocation, false);
    else this.enqueue(invocation);
  }

  /** Brings it to life without a message. */
  activate(): void {
    if (this.status === "cold") this.load();
  }

  private enqueue(invocation: Invocation): void {
    if (this.status === "stopped") return invocation.finish(this.trouble);
    if (this.status === "active" && this.definition.interleaved) {
      if (!this.lost) return this.admit(invocation);
      // What waits here waits for all of its handlers, and one of those may wait for the sender.
      if (invocation.parent) return invocation.finish(this.lost);
    }
    if (invocation.parent && this.running && invocation.comesFrom(this)) {
      (this.nested ??= new NestedHandlers()).add(invocation);
      return this.admit(invocation);
    }
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

  /** Starts a handler beside others, though not inside of a turn of theirs. */
  private admit(invocation: Invocation): void {
    this.others++;
    this.watch(invocation);
    queueMicrotask(() => this.start(invocation, true));
  }

  private watch(invocation: Invocation): void {
    if (invocation.watched || invocation.deadline === Infinity) return;
    invocation.watched = true;
    this.host.deadlines.add(invocation);
  }

  /** `beside` others: nested or interleaved. */
  private start(invocation: Invocation, beside: boolean): void {
    if (invocation.stage === Stage.Done) {
      if (beside) this.leave(invocation, beside);
      return;
    }
    if (invocation.position > this.position) {
      // Lost since it was admitted: it tells of a state that never was.
      const loss = this.host.commits.lossOf(invocation.position);
      if (loss) return this.turnAway(invocation, loss, beside);
      this.position = invocation.position;
    }
    invocation.stage = Stage.Running;
    const { handler } = invocation;
    if (!beside) this.running = invocation;
    let value: unknown;
    try {
      if (this.running !== null) invocation.savepoint = this.state.savepoint();
      const context = handler.takesContext ? this.host.context(this, invocation) : undefined;
      value = handler.invoke(this.state.instance!, invocation.args, context);
      if (isThenable(value)) value = Promise.resolve(value);
    } catch (thrown) {
      return this.fail(invocation, thrown, beside);
    }
    if (value instanceof Promise) this.follow(invocation, value, beside);
    else this.complete(invocation, value, beside);
  }

  /** Ends a message that was about to start. */
  private turnAway(invocation: Invocation, error: DenizenError, beside: boolean): void {
    this.refuse(invocation, error);
    if (beside) this.leave(invocation, beside);
  }

  /** Apart from {@link start}, so that a handler without an await costs no closure. */
  private follow(invocation: Invocation, value: Promise<unknown>, beside: boolean): void {
    this.watch(invocation);
    this.state.touch();
    invocation.awaited = true;
    value.then(
      (settled) => this.complete(invocation, settled, beside),
      (thrown) => this.fail(invocation, thrown, beside),
    );
  }

  private complete(invocation: Invocation, value: unknown, beside: boolean): void {
    if (!beside && this.others > 0) return this.completeLater(invocation, value);
    const doomed = this.lost ?? this.spoiled;
    if (doomed) return this.fail(invocation, doomed, beside);
    const outer = beside ? this.running : null;
    let reply: unknown;
    try {
      reply = toReply(invocation, value);
      if (outer) this.join(invocation, outer);
      else this.saveAfter(invocation);
    } catch (thrown) {
      return this.fail(invocation, thrown, beside);
    }
    if (this.status === "active") this.messages++;
    if (invocation.position < this.position) invocation.position = this.position;
    if (invocation.effects) this.release(invocation, outer);
    this.unwatch(invocation);
    invocation.finish(undefined, reply);
    this.leave(invocation, beside);
  }

  private fail(invocation: Invocation, thrown: unknown, beside: boolean): void {
    const error = this.explain(invocation, thrown);
    if (!beside && this.others > 0) return this.failLater(invocation, error);
    if (!this.lost) this.undo(invocation, error, beside ? this.running : null);
    if (this.status === "active") {
      this.messages++;
      if (error.code !== "refused") this.failures++;
    }
    // An answer that tells of a loss holds nothing that was lost.
    invocation.position = this.lost ? 0 : Math.max(invocation.position, this.position);
    invocation.effects = null;
    this.unwatch(invocation);
    invocation.finish(error);
    this.leave(invocation, beside);
  }

  private completeLater(invocation: Invocation, value: unknown): void {
    this.watch(invocation);
    this.nested!.endAfterLast(() => this.complete(invocation, value, false));
  }

  private failLater(invocation: Invocation, error: DenizenError): void {
    this.watch(invocation);
    this.spoiled ??= error;
    this.nested!.endAfterLast(() => this.fail(invocation, this.spoiled, false));
  }

  /**
   * A nested handler has succeeded.
   *
   * @throws {DenizenError} `state_invalid`.
   */
  private join(invocation: Invocation, outer: Invocation): void {
    this.state.check();
    this.nested!.join(invocation, outer);
  }

  /** Undoes what a handler did; a nested one that cannot be undone alone takes the outer one with it. */
  private undo(invocation: Invocation, error: DenizenError, outer: Invocation | null): void {
    if (outer && this.spoiled) return;
    if (outer === null || this.nested!.canUndoAlone(invocation)) this.rollBack(invocation);
    else this.spoiled = entangled(invocation, outer, error);
  }

  /** A state that cannot be undone is not built upon either. */
  private rollBack(invocation: Invocation): void {
    try {
      this.state.rollBack(invocation.savepoint);
    } catch (thrown) {
      this.lost = notUndone(invocation, thrown);
      this.host.log.error("state not undone", { process: this.id, error: thrown });
    }
  }

  private saveAfter(invocation: Invocation): void {
    const { handler, joined } = invocation;
    this.committed(this.state.save(handler.save));
    if (joined === null) return;
    for (const policy of joined) {
      if (policy !== handler.save) this.committed(this.state.save(policy));
    }
  }

  private unwatch(invocation: Invocation): void {
    invocation.ended = true;
    invocation.savepoint = undefined;
    if (invocation.watched) this.host.deadlines.remove(invocation);
  }

  private explain(invocation: Invocation, thrown: unknown): DenizenError {
    if (thrown instanceof DenizenError) {
      if (thrown.code === "refused" || thrown === this.lost || thrown === this.spoiled) return thrown;
    }
    // crash() tells of it.
    if (invocation.carrier === NOWHERE) {
      return new DenizenError("failed", messageOf(thrown), { cause: thrown });
    }
    const { tag } = invocation.handler;
    const id = invocation.trace(() => this.host.clock.uuid());
    this.host.log.error("handler failed", { process: this.id, handler: tag, trace: id, error: thrown });
    return thrown instanceof DenizenError ? thrown : threw(invocation, thrown, id);
  }

  /** A handler has ended: its place is free, and what waited for that goes on. */
  private leave(invocation: Invocation, beside: boolean): void {
    if (!beside) {
      this.running = null;
      this.spoiled = undefined;
    } else {
      this.others--;
      const end = this.nested?.delete(invocation);
      if (end) return end();
    }
    if (this.saveDue) this.saveIsDue();
    if (this.running !== null || this.others > 0 || this.status !== "active") return;
    if (this.lost) return this.forget();
    if (this.mailbox !== null) this.drainMailbox();
    if (this.onSettled !== null) this.settle();
  }

  /** Whether nothing goes on, and nothing is going to without a new message or the passing of time. */
  get settled(): boolean {
    return this.idle ? this.status !== "loading" : this.status === "restarting";
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

  /** A loop, not a recursion: `leave` comes back here for each handler that ends synchronously. */
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

  private committed(position: number): void {
    if (position > this.position) this.position = position;
  }

  saveIsDue(): void {
    this.saveDue = true;
    if (this.lost || this.running !== null || this.others > 0 && !this.definition.interleaved) return;
    this.saveNow();
  }

  /** Saves outside of a handler, where nobody waits for the outcome. Says whether that went well. */
  private saveNow(): boolean {
    this.saveDue = false;
    try {
      this.committed(this.state.commit());
      return true;
    } catch (error) {
      this.host.log.error("state not saved", { process: this.id, error });
      return false;
    }
  }

  /** Saves for `ctx.save()`: nothing that any handler in progress did until now is undone any more. */
  async checkpoint(invocation: Invocation): Promise<void> {
    if (invocation.ended) throw savedTooLate(invocation);
    const doomed = this.lost ?? this.spoiled;
    if (doomed) throw doomed;
    this.committed(this.state.commit());
    const { position } = this;
    for (const saved of this.running ? [this.running, ...this.nested ?? []] : [invocation]) {
      if (saved.stage === Stage.Waiting) continue;
      if (this.running) saved.savepoint = this.state.savepoint();
      saved.entangled = false;
      if (saved.position < position) saved.position = position;
      if (saved.effects) this.release(saved, null);
    }
    this.state.touch();
    await this.host.commits.reached(position);
  }

  /** Lets go of what a handler sent, once its changes are durable; a nested handler's waits for the outer one. */
  private release(invocation: Invocation, outer: Invocation | null): void {
    const effects = invocation.effects!;
    invocation.effects = null;
    if (outer) {
      (outer.effects ??= []).push(...effects);
      return;
    }
    this.host.commits.whenDurable(invocation.position, () => {
      for (const effect of effects) effect();
    }, () => {});
  }

  // Coming and going.

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

  /** Its stored state cannot be read: nothing can be done until somebody mends it, or the class. */
  private stop(error: DenizenError): void {
    this.status = "stopped";
    this.trouble = error;
    this.host.log.error("process stopped", { process: this.id, error });
    this.refuseWaiting(error);
    this.settle();
  }

  private crash(error: unknown): void {
    if (this.closed) return;
    this.state.drop();
    this.lost = undefined;
    const delayMs = (this.restarts ??= new Restarts(this.host.clock)).crashed(() => this.load());
    this.status = "restarting";
    this.trouble = restarting(this.id, error, delayMs);
    this.host.log.error("process crashed", { process: this.id, restartInMs: delayMs, error });
    this.settle();
  }

  private refuseWaiting(error: DenizenError): void {
    for (let next = this.mailbox?.shift(); next; next = this.mailbox?.shift()) this.refuse(next, error);
  }

  /** By {@link close}, while it was loading. */
  private get closed(): boolean {
    return this.status === "stopped";
  }

  private refuse(invocation: Invocation, error: DenizenError): void {
    this.unwatch(invocation);
    invocation.finish(error);
  }

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
    this.dropInstance();
    this.host.log.warn("state lost, loading the last durable one", { process: this.id });
    if (!this.definition.keyed || this.waiting > 0) this.load();
    this.settle();
  }

  private dropInstance(): void {
    this.status = "cold";
    this.state.drop();
    this.lost = undefined;
    this.saveDue = false;
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

  /** Undoes a handler in progress, whatever becomes of it. */
  private setBack(running: Invocation): void {
    this.rollBack(running);
    running.savepoint = undefined;
    this.spoiled = interrupted(running);
  }

  /** Leaves memory if nothing is going on and everything is durable; otherwise saves, to leave at a later call. */
  passivate(): boolean {
    if (this.status === "cold") return this.waiting === 0;
    if (this.status !== "active" || !this.idle) return false;
    if (!this.flush(false)) this.idleSweeps = 0;
    else if (this.position <= this.host.commits.durable) {
      this.dropInstance();
      return true;
    }
    return false;
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as PromiseLike<unknown>).then === "function";
}
