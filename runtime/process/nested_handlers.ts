/**
 * The handlers inside of the running one: calls that came back into a process which waits for them (G2).
 *
 * Owns: which those are, whether one of them can be undone without the others, what is to be done after the
 * last of them. Does not own: how they run (turns.ts), how they are undone (outcome.ts).
 *
 * Invariants:
 * - I1 What one that succeeded changed belongs to the outer handler: it is saved with it, and undone only
 *   with it.
 * - I2 One that fails is undone alone if no other nested handler can have changed the state since it began.
 *   Otherwise going back to its start would undo what the others did, and the outer handler fails with it.
 *   The outer handler counts as waiting: what it changes itself while a call that comes back is in flight, by
 *   other work that it began beside the call, is undone with a nested handler that fails.
 * - I3 The outer handler ends after all of them, even if it does not wait for its calls.
 */
import { type Activation, Stage } from "./activation.ts";

export class NestedHandlers {
  /** Those that have not ended; some have not started yet. */
  readonly #inFlight = new Set<Activation>();
  #afterLast: (() => void) | null = null;

  [Symbol.iterator](): IterableIterator<Activation> {
    return this.#inFlight.values();
  }

  add(activation: Activation): void {
    this.#inFlight.add(activation);
  }

  /** Takes one out. Returns the deferred end of the outer handler once the set is empty. */
  delete(activation: Activation): (() => void) | null {
    this.#inFlight.delete(activation);
    const end = this.#afterLast;
    if (end === null || this.#inFlight.size > 0) return null;
    this.#afterLast = null;
    return end;
  }

  /** Defers the end of the outer handler until the set is empty (I3). */
  endAfterLast(end: () => void): void {
    this.#afterLast = end;
  }

  /** One has succeeded (I1): from now on, going back to where a concurrent one began would undo it too. */
  join(activation: Activation, outer: Activation): void {
    (outer.joined ??= new Set()).add(activation.handler.save);
    for (const other of this.#concurrentWith(activation)) other.entangled = true;
  }

  /** Whether one that has failed can be undone alone (I2). Within a single turn no other handler runs. */
  canUndoAlone(activation: Activation): boolean {
    if (activation.entangled) return false;
    return !activation.awaited || this.#concurrentWith(activation).length === 0;
  }

  /** Those that have started and do not wait for `activation`. */
  #concurrentWith(activation: Activation): Activation[] {
    return [...this.#inFlight].filter((other) =>
      other !== activation && other.stage !== Stage.Waiting && !other.waitsFor(activation.message)
    );
  }
}
