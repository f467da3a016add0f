/**
 * The handlers inside of the running one: calls that came back into a process which waits for them (G2).
 *
 * Owns: which those are, whether one of them can be undone without the others, what is to be done after the last of them. Does
 * not own: how they run, the state and the way back (handler_runner.ts).
 *
 * Invariants:
 * - I1 What one that succeeded changed belongs to the outer handler: it is saved with it, and undone only with it.
 * - I2 One that fails is undone alone if nobody beside it can have changed the state since it began. Otherwise going back to its
 *   start would take along what others did, and the outer handler fails with it.
 * - I3 The outer handler ends after all of them, even if it does not wait for its calls.
 */
import { type Invocation, Stage } from "./invocation.ts";

export class NestedHandlers {
  /** Some of them are still to start. */
  readonly #inFlight = new Set<Invocation>();
  #afterLast: (() => void) | null = null;

  [Symbol.iterator](): IterableIterator<Invocation> {
    return this.#inFlight.values();
  }

  add(invocation: Invocation): void {
    this.#inFlight.add(invocation);
  }

  /** Takes one out that has ended, or is not to start. Returns what was left for after the last one, if it is that. */
  delete(invocation: Invocation): (() => void) | null {
    this.#inFlight.delete(invocation);
    const end = this.#afterLast;
    if (end === null || this.#inFlight.size > 0) return null;
    this.#afterLast = null;
    return end;
  }

  /** The outer handler has ended, but for those in flight (I3). */
  endAfterLast(end: () => void): void {
    this.#afterLast = end;
  }

  /** One has succeeded (I1): from now on, going back to where those beside it began would undo it too. */
  join(invocation: Invocation, outer: Invocation): void {
    (outer.joined ??= new Set()).add(invocation.handler.save);
    for (const other of this.#besideOf(invocation)) other.entangled = true;
  }

  /** Whether one that has failed can be undone alone (I2). In a single turn nobody comes between. */
  canUndoAlone(invocation: Invocation): boolean {
    if (invocation.entangled) return false;
    return !invocation.awaited || this.#besideOf(invocation).length === 0;
  }

  /** Those that have started and do not wait for `invocation`. */
  #besideOf(invocation: Invocation): Invocation[] {
    return [...this.#inFlight].filter((other) =>
      other !== invocation && other.stage !== Stage.Waiting && !invocation.isInside(other)
    );
  }
}
