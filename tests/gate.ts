/** Lets a test hold a handler at one point of its code, and wait until it gets there. */
class Gate {
  readonly #entered = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();

  /** Resolves when a handler waits at the gate. */
  get entered(): Promise<void> {
    return this.#entered.promise;
  }

  /** For the handler: waits until the test opens the gate. */
  pass(): Promise<void> {
    this.#entered.resolve();
    return this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}

const gates = new Map<string, Gate>();

/** The gate of that name; handlers and tests find the same one. */
export function gate(name: string): Gate {
  let found = gates.get(name);
  if (!found) gates.set(name, found = new Gate());
  return found;
}
