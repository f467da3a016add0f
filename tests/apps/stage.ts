/**
 * What a test sees of the processes of this folder, and how it holds them: gates, a journal, and who is
 * inside of whom.
 */

class Stage {
  journal: string[] = [];
  /** Handlers of different messages that were in progress in one process at once. */
  overlaps: string[] = [];
  /** Handlers that began in the middle of a turn of their own process. */
  interruptions: string[] = [];
  #gates = new Map<string, PromiseWithResolvers<void>>();
  #inside = new Map<string, string[]>();
  #turns = new Set<string>();

  reset(): void {
    this.journal = [];
    this.overlaps = [];
    this.interruptions = [];
    this.#gates.clear();
    this.#inside.clear();
    this.#turns.clear();
  }

  /** Resolves when the test opens the gate; at once if it has. */
  gate(name: string): Promise<void> {
    return this.#gate(name).promise;
  }

  open(name: string): void {
    this.#gate(name).resolve();
  }

  /**
   * A handler of `process` begins, of the message `trace` or of one that came of it; the answer tells that it
   * ends.
   */
  enter(process: string, trace: string): () => void {
    const inside = this.#inside.get(process) ?? [];
    this.#inside.set(process, inside);
    if (inside.some((other) => other !== trace)) this.overlaps.push(process);
    if (this.#turns.has(process)) this.interruptions.push(process);
    inside.push(trace);
    return () => void inside.splice(inside.indexOf(trace), 1);
  }

  /** Does `act` in one turn of `process`. */
  turn<T>(process: string, act: () => T): T {
    this.#turns.add(process);
    try {
      return act();
    } finally {
      this.#turns.delete(process);
    }
  }

  #gate(name: string): PromiseWithResolvers<void> {
    let gate = this.#gates.get(name);
    if (!gate) this.#gates.set(name, gate = Promise.withResolvers());
    return gate;
  }
}

export const stage = new Stage();
