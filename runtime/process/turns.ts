/**
 * Who runs in one process, and who waits.
 *
 * Owns: the mailbox, the running handler, those nested in it or interleaved with it, which message is next.
 * Does not own: whether the process is alive (cell.ts), what becomes of a handler that has ended
 * (outcome.ts), what nested handlers mean for each other (nested_handlers.ts).
 *
 * Invariants:
 * - I1 A serial process starts a handler only while none runs, except one that its running handler waits for
 *   (G2).
 * - I2 No turn begins inside of another (G2): a handler that starts while others run does so in a microtask
 *   of its own.
 * - I3 A message that cannot start now waits in the mailbox, with its deadline watched, or is answered with
 *   the reason (G5).
 * - I4 A handler that has started ends exactly once, whatever it throws, and leaves its place to the next
 *   (G5).
 */
import { copyOfError, DenizenError } from "../errors.ts";
import type { Message } from "../message/message.ts";
import { type Activation, Role, Stage } from "./activation.ts";
import { deadlock, findWaitCycle } from "./deadlock.ts";
import { brokenOutcome, entangled, interrupted, savedTooLate } from "./faults.ts";
import { Mailbox } from "./mailbox.ts";
import { NestedHandlers } from "./nested_handlers.ts";
import { encodeReply, explain, fail, reject, rollBack, saveChanges, succeed } from "./outcome.ts";
import type { Process } from "./process.ts";

const { then } = Promise.prototype;

export class Turns {
  /** The serial handler in progress, the outer one of those nested in it. */
  running: Activation | null = null;
  readonly #process: Process;
  /** Nested or interleaved handlers in flight. */
  #concurrent = 0;
  #nested: NestedHandlers | null = null;
  #mailbox: Mailbox | null = null;
  /** Why the outer handler is going to fail, whatever it does. */
  #doomed: DenizenError | undefined = undefined;
  #draining = false;
  #saveDue = false;

  constructor(process: Process) {
    this.#process = process;
  }

  /** Messages in the mailbox. */
  get waiting(): number {
    return this.#mailbox === null ? 0 : this.#mailbox.size;
  }

  /** No handler runs. */
  get over(): boolean {
    return this.running === null && this.#concurrent === 0;
  }

  /** No handler runs, and no message waits. */
  get idle(): boolean {
    return this.over && this.waiting === 0;
  }

  /** The message that waits at the front. */
  get first(): Activation | null {
    return this.#mailbox === null ? null : this.#mailbox.first;
  }

  /** Whether a handler of this process waits for `message`, directly or through others. */
  awaits(message: Message): boolean {
    if (message.chain === null) return false;
    const waits = (handler: Activation) => handler.stage === Stage.Running && handler.waitsFor(message);
    if (this.running !== null && waits(this.running)) return true;
    for (const handler of this.#nested ?? []) if (waits(handler)) return true;
    return false;
  }

  // Messages.

  /** Takes a message of an active process. */
  deliver(activation: Activation): void {
    if (this.#process.definition.interleaved) return this.#admit(activation, Role.Interleaved);
    if (this.idle) this.start(activation);
    else this.enqueue(activation);
  }

  /** Takes a message that cannot start now, unless a handler of this process waits for it. */
  enqueue(activation: Activation): void {
    if (this.running !== null && this.awaits(activation.message)) {
      (this.#nested ??= new NestedHandlers()).add(activation);
      return this.#admit(activation, Role.Nested);
    }
    const cycle = findWaitCycle(activation, this.#process);
    if (cycle) return activation.finish(deadlock(activation, cycle));
    try {
      (this.#mailbox ??= new Mailbox()).push(activation);
    } catch (error) {
      return activation.finish(error as DenizenError);
    }
    this.#watch(activation);
  }

  /** A loop, not a recursion: a handler that ends synchronously comes back here. */
  drainMailbox(): void {
    if (this.#mailbox === null || this.#draining) return;
    this.#draining = true;
    const { interleaved } = this.#process.definition;
    while (this.#process.active && this.running === null && (this.#concurrent === 0 || interleaved)) {
      const activation = this.#mailbox.shift();
      if (!activation) break;
      if (interleaved) {
        activation.role = Role.Interleaved;
        this.#concurrent++;
      }
      this.start(activation);
    }
    this.#draining = false;
  }

  /** Most processes need a mailbox for the message that wakes them, and never again. */
  dropEmptyMailbox(): void {
    if (this.waiting === 0) this.#mailbox = null;
  }

  /** Answers every message that waits. */
  rejectWaiting(error: DenizenError): void {
    for (let next = this.#mailbox?.shift(); next; next = this.#mailbox?.shift()) {
      reject(this.#process, next, error);
    }
  }

  /** Answers the messages that depend on commits from `from` on: their senders' states were lost. */
  abandonFrom(from: number, error: DenizenError): void {
    for (const waiting of this.#mailbox ?? []) {
      if (waiting.position >= from) waiting.abandon(error);
    }
  }

  // How a handler starts.

  /** Starts a handler while others run, though not inside of a turn of theirs (I2). */
  #admit(activation: Activation, role: Role): void {
    activation.role = role;
    this.#concurrent++;
    this.#watch(activation);
    queueMicrotask(() => this.start(activation));
  }

  #watch(activation: Activation): void {
    if (activation.watched || activation.deadline === Infinity) return;
    activation.watched = true;
    this.#process.host.deadlines.add(activation);
  }

  start(activation: Activation): void {
    const process = this.#process;
    const outer = activation.role === Role.Outer;
    if (activation.stage === Stage.Done) {
      if (!outer) this.#leave(activation);
      return;
    }
    if (activation.position > process.position) {
      // Lost since it was delivered: it depends on a state that never was durable.
      const loss = process.host.commits.lossOf(activation.position);
      if (loss) {
        reject(process, activation, loss);
        if (!outer) this.#leave(activation);
        return;
      }
      process.dependOn(activation.position);
    }
    activation.stage = Stage.Running;
    if (outer) this.running = activation;
    const { handler, message } = activation;
    let value: unknown;
    let pending: Promise<unknown> | null = null;
    try {
      if (activation.role !== Role.Interleaved) activation.savepoint = process.state.savepoint();
      const context = handler.takesContext ? process.host.context(process, activation) : undefined;
      value = process.state.executor!.run(handler, message.args, context);
      if (isThenable(value)) pending = value instanceof Promise ? value : Promise.resolve(value);
    } catch (thrown) {
      return this.#fail(activation, thrown);
    }
    if (pending !== null) this.#follow(activation, pending);
    else this.#complete(activation, value);
  }

  /** Apart from {@link start}, so that a handler without an await costs no closure. */
  #follow(activation: Activation, value: Promise<unknown>): void {
    this.#watch(activation);
    this.#process.state.touch();
    activation.awaited = true;
    try {
      // Not the promise's own `then`, which may do anything.
      then.call(
        value,
        (settled) => this.#complete(activation, settled),
        (thrown) => this.#fail(activation, thrown),
      );
    } catch (thrown) {
      this.#fail(activation, thrown);
    }
  }

  // How a handler ends.

  #complete(activation: Activation, value: unknown): void {
    const process = this.#process;
    if (activation.role === Role.Outer && this.#concurrent > 0) {
      this.#watch(activation);
      return this.#nested!.endAfterLast(() => this.#complete(activation, value));
    }
    const doomed = process.invalidated ?? this.#doomed;
    if (doomed) return this.#fail(activation, doomed);
    const outer = activation.role === Role.Nested ? this.running : null;
    let reply: unknown;
    try {
      reply = encodeReply(activation, value);
      if (outer) {
        process.state.check();
        this.#nested!.join(activation, outer);
      } else this.#save(activation);
    } catch (thrown) {
      return this.#fail(activation, thrown);
    }
    try {
      succeed(process, activation, reply, outer);
    } catch (thrown) {
      this.#endAnyway(activation, thrown);
    }
    this.#leave(activation);
  }

  /**
   * What an interleaved handler did cannot be undone: if it left a state that cannot be saved, the durable
   * one takes its place.
   */
  #save(activation: Activation): void {
    try {
      saveChanges(this.#process, activation);
    } catch (thrown) {
      const error = thrown as DenizenError;
      const unsavable = error.code === "state_invalid" || error.code === "state_too_large";
      if (unsavable && activation.role === Role.Interleaved) this.#process.invalidate(copyOfError(error));
      throw error;
    }
  }

  #fail(activation: Activation, thrown: unknown): void {
    const process = this.#process;
    const known = process.invalidated ?? this.#doomed;
    const error = this.#explain(activation, thrown, known);
    if (activation.role === Role.Outer && this.#concurrent > 0) {
      this.#watch(activation);
      this.#doomed ??= error;
      return this.#nested!.endAfterLast(() => this.#fail(activation, this.#doomed));
    }
    try {
      if (!process.invalidated) this.#undo(activation, error);
      fail(process, activation, error);
    } catch (thrown) {
      this.#endAnyway(activation, thrown);
    }
    this.#leave(activation);
  }

  #explain(activation: Activation, thrown: unknown, known: DenizenError | undefined): DenizenError {
    try {
      return explain(this.#process, activation, thrown, known);
    } catch (broken) {
      return brokenOutcome(activation, broken);
    }
  }

  /**
   * Something of Denizen itself threw: the handler ends all the same (I4), and its state, half saved or
   * undone, is not used again.
   */
  #endAnyway(activation: Activation, thrown: unknown): void {
    const process = this.#process;
    process.host.log.error("handler ended out of order", { process: process.id, error: thrown });
    const error = brokenOutcome(activation, thrown);
    process.invalidate(error);
    reject(process, activation, error);
  }

  /** A nested handler that cannot be undone alone takes the outer one with it. */
  #undo(activation: Activation, error: DenizenError): void {
    const outer = activation.role === Role.Nested ? this.running : null;
    if (outer && this.#doomed) return;
    if (outer === null || this.#nested!.canUndoAlone(activation)) rollBack(this.#process, activation);
    else this.#doomed = entangled(activation, outer, error);
  }

  /** A handler has ended: the next one may start. */
  #leave(activation: Activation): void {
    if (activation.role === Role.Outer) {
      this.running = null;
      this.#doomed = undefined;
    } else {
      this.#concurrent--;
      const end = this.#nested?.delete(activation);
      if (end) return end();
    }
    if (this.#saveDue) this.saveIsDue();
    if (this.over) this.#process.turnsEnded();
  }

  // Saves that no handler's end asks for.

  /** Saves for `ctx.save()`: nothing that any handler in progress did until now is undone any more. */
  async checkpoint(activation: Activation): Promise<void> {
    if (activation.ended) throw savedTooLate(activation);
    const process = this.#process;
    const doomed = process.invalidated ?? this.#doomed;
    if (doomed) throw doomed;
    process.dependOn(process.state.commit());
    const { position, state, host } = process;
    for (const saved of this.running ? [this.running, ...this.#nested ?? []] : [activation]) {
      if (saved.stage === Stage.Waiting) continue;
      if (this.running) saved.savepoint = state.savepoint();
      saved.entangled = false;
      if (saved.position < position) saved.position = position;
      if (saved.releases) host.gate.release(position, saved.releases);
      saved.releases = null;
    }
    state.touch();
    await host.commits.reached(position);
  }

  /** A timed save is due. It is made when no serial handler is in the middle of a change. */
  saveIsDue(): void {
    this.#saveDue = true;
    const process = this.#process;
    if (process.invalidated || this.running !== null) return;
    if (this.#concurrent === 0 || process.definition.interleaved) this.saveNow();
  }

  /** Saves where no caller waits for the outcome. Says whether that went well. */
  saveNow(): boolean {
    this.#saveDue = false;
    const process = this.#process;
    try {
      process.dependOn(process.state.commit());
      return true;
    } catch (error) {
      process.host.log.error("state not saved", { process: process.id, error });
      if (error instanceof DenizenError && error.code === "overloaded") process.state.saveLater();
      return false;
    }
  }

  /** Undoes the handler in progress, which fails whatever it does from now on: the node stops. */
  interrupt(): void {
    if (this.running === null) return;
    rollBack(this.#process, this.running);
    this.#doomed = interrupted(this.running);
  }

  /** The instance is gone, and with it what was to be saved. */
  forgetSave(): void {
    this.#saveDue = false;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as PromiseLike<unknown>).then === "function";
}
