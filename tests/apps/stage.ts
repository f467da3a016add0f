/**
 * How a test observes and holds the processes of this folder: gates, a journal, and a record of overlapping
 * handlers.
 */

class Stage {
  journal: string[] = [];
  /** Handlers of different messages that ran in one process at the same time. */
  overlaps: string[] = [];
  /** Handlers that started in the middle of a turn of their own process. */
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
   * Records that a handler of `process` starts, in the call chain `trace`; the returned function records its
   * end.
   */
  enter(process: string, trace: string): () => void {
    const inside = this.#inside.get(process) ?? [];
    this.#inside.set(process, inside);
    if (inside.some((other) => other !== trace)) this.overlaps.push(process);
    if (this.#turns.has(process)) this.interruptions.push(process);
    inside.push(trace);
    return () => void inside.splice(inside.indexOf(trace), 1);
  }

  /** Runs `act` as one turn of `process`. */
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
