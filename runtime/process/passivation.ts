/** Removes idle keyed processes from memory. */
import type { Cancel, Clock } from "../world/clock.ts";
import { PASSIVATION_SWEEP_MS } from "../limits.ts";
import type { Directory } from "./directory.ts";

export class Passivation {
  readonly #clock: Clock;
  readonly #directory: Directory;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, directory: Directory) {
    this.#clock = clock;
    this.#directory = directory;
    this.#arm();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(PASSIVATION_SWEEP_MS, () => {
      this.sweep();
      this.#arm();
    });
  }

  /** A cell counts sweeps, not milliseconds, so a message costs one store and no reading of the clock. */
  sweep(): void {
    for (const cell of this.#directory) {
      if (cell.definition.passivateAfterMs === Infinity) continue;
      const idleMs = ++cell.idleSweeps * PASSIVATION_SWEEP_MS;
      if (idleMs > cell.definition.passivateAfterMs && cell.passivate()) this.#directory.remove(cell);
    }
  }

  close(): void {
    this.#cancel?.();
  }
}
