/**
 * Runs the handlers of one process on its state: the lower half of a cell. It is a base class, as a second object would cost
 * each message and each process something.
 *
 * Owns: which handlers run, what becomes of each (its answer, its changes saved or undone), what anything that leaves must wait
 * for. Does not own: which message is next and when there is a state (cell.ts), the state itself (state_keeper.ts), what handlers
 * inside of one another mean for each other (nested_handlers.ts).
 *
 * Invariants:
 * - I1 No turn begins inside of another (G2): a handler that is let in beside others starts in a microtask of its own.
 * - I2 A serial handler that throws, or whose answer or state is invalid, leaves the state of its start, or of the last
 *   `ctx.save()` since (G4).
 * - I3 `position` is the newest commit that anything in this state depends on: its own, or one of a process whose answer or call
 *   it has seen. Whatever leaves the node because of this state waits for it (G3).
 * - I4 While the state is `lost`, no handler on it succeeds, and nothing of it is saved (G8).
 */
import { DenizenError, messageOf } from "../errors.ts";
import type { Deadlines } from "../message/deadlines.ts";
import { entangled, interrupted, notUndone, savedTooLate, threw, toReply } from "./cell_errors.ts";
import type { Context } from "./context.ts";
import type { Definition } from "./definition.ts";
import { type Invocation, Stage, type Unit } from "./invocation.ts";
import { NestedHandlers } from "./nested_handlers.ts";
import { type StateHost, StateKeeper, type StateOwner } from "./state_keeper.ts";

/** What the handlers of a node share. */
export interface RunnerHost extends StateHost {
  readonly deadlines: Deadlines;
  context(runner: HandlerRunner, invocation: Invocation): Context;
}

export abstract class HandlerRunner implements Unit, StateOwner {
  /** The serial handler in progress, the outer one of those nested in it. */
  running: Invocation | null = null;
  position = 0;
  /** Handlers that ended while the process was active, and those of them that failed. */
  messages = 0;
  failures = 0;
  /** The state in memory builds on a commit that was lost, or could not be undone. */
  lost: DenizenError | undefined = undefined;

  protected readonly state: StateKeeper = new StateKeeper(this);
  /** Handlers in flight beside `running`: nested or interleaved ones. */
  protected others = 0;
  private nested: NestedHandlers | null = null;
  /** Why the outer handler is going to fail, whatever it does. */
  private spoiled: DenizenError | undefined = undefined;
  private saveDue = false;

  constructor(
    readonly host: RunnerHost,
    readonly definition: Definition,
    readonly id: string,
    readonly key: string | undefined,
  ) {}

  /** Whether the process handles messages, rather than starting or having been closed. */
  protected abstract get active(): boolean;

  /** The last handler in flight has ended. */
  protected abstract turnsEnded(): void;

  // How a handler starts.

  /** Starts a handler inside of the running one, which waits for it. */
  protected nest(invocation: Invocation): void {
    (this.nested ??= new NestedHandlers()).add(invocation);
    this.admit(invocation);
  }

  /** Starts a handler beside others, though not inside of a turn of theirs (I1). */
  protected admit(invocation: Invocation): void {
    this.others++;
    this.watch(invocation);
    queueMicrotask(() => this.start(invocation, true));
  }

  protected watch(invocation: Invocation): void {
    if (invocation.watched || invocation.deadline === Infinity) return;
    invocation.watched = true;
    this.host.deadlines.add(invocation);
  }

  /** `beside` others: nested or interleaved. */
  protected start(invocation: Invocation, beside: boolean): void {
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

  /** Ends a message whose handler has not started. */
  protected refuse(invocation: Invocation, error: DenizenError): void {
    this.unwatch(invocation);
    invocation.finish(error);
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

  // How a handler ends.

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
    if (this.active) this.messages++;
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
    if (this.active) {
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

  private explain(invocation: Invocation, thrown: unknown): DenizenError {
    if (thrown instanceof DenizenError) {
      if (thrown.code === "refused" || thrown === this.lost || thrown === this.spoiled) return thrown;
    }
    // `@init`: who reports the failed start tells of it.
    if (invocation.carrier.name === "none") {
      return new DenizenError("failed", messageOf(thrown), { cause: thrown });
    }
    const { tag } = invocation.handler;
    const id = invocation.trace(() => this.host.clock.uuid());
    this.host.log.error("handler failed", { process: this.id, handler: tag, trace: id, error: thrown });
    return thrown instanceof DenizenError ? thrown : threw(invocation, thrown, id);
  }

  private unwatch(invocation: Invocation): void {
    invocation.ended = true;
    invocation.savepoint = undefined;
    if (invocation.watched) this.host.deadlines.remove(invocation);
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
    if (this.running === null && this.others === 0) this.turnsEnded();
  }

  // What becomes of its changes.

  /**
   * A nested handler has succeeded.
   *
   * @throws {DenizenError} `state_invalid`.
   */
  private join(invocation: Invocation, outer: Invocation): void {
    this.state.check();
    this.nested!.join(invocation, outer);
  }

  private saveAfter(invocation: Invocation): void {
    const { handler, joined } = invocation;
    this.committed(this.state.save(handler.save));
    if (joined === null) return;
    for (const policy of joined) {
      if (policy !== handler.save) this.committed(this.state.save(policy));
    }
  }

  private committed(position: number): void {
    if (position > this.position) this.position = position;
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

  // Saves that no handler's end asks for.

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

  saveIsDue(): void {
    this.saveDue = true;
    if (this.lost || this.running !== null || this.others > 0 && !this.definition.interleaved) return;
    this.saveNow();
  }

  /** Undoes a handler in progress, whatever becomes of it. */
  protected setBack(running: Invocation): void {
    this.rollBack(running);
    running.savepoint = undefined;
    this.spoiled = interrupted(running);
  }

  /** Saves where nobody waits for the outcome. Says whether that went well. */
  protected saveNow(): boolean {
    this.saveDue = false;
    try {
      this.committed(this.state.commit());
      return true;
    } catch (error) {
      this.host.log.error("state not saved", { process: this.id, error });
      return false;
    }
  }

  /** Drops the instance, and with it what was lost. */
  protected dropInstance(): void {
    this.state.drop();
    this.lost = undefined;
    this.saveDue = false;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as PromiseLike<unknown>).then === "function";
}
