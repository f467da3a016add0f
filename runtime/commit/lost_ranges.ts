/** Ranges of commit positions whose effects never became durable. */

import type { DenizenError } from "../errors.ts";

interface LostRange {
  readonly from: number;
  readonly to: number;
  readonly error: DenizenError;
}

export class LostRanges {
  /** How many there are: nearly always none. */
  size = 0;
  /** In order, none touching the next. */
  readonly #ranges: LostRange[] = [];
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Adds a range after all others. */
  add(from: number, to: number, error: DenizenError): void {
    const last = this.#ranges.at(-1);
    if (last !== undefined && last.to + 1 === from) {
      this.#ranges[this.#ranges.length - 1] = { ...last, to, error };
    } else this.#ranges.push({ from, to, error });
    this.size = this.#ranges.length;
    if (this.size <= this.#max) return;
    // The gap between the two oldest counts as lost from now on: a late failure is safe, a false success is
    // not.
    const [first, second] = this.#ranges.splice(0, 2);
    this.#ranges.unshift({ from: first.from, to: second.to, error: second.error });
    this.size = this.#ranges.length;
  }

  /** Why `position` was lost, or `undefined` if it was not. */
  find(position: number): DenizenError | undefined {
    for (let i = this.#ranges.length - 1; i >= 0; i--) {
      if (position > this.#ranges[i].to) return undefined;
      if (position >= this.#ranges[i].from) return this.#ranges[i].error;
    }
    return undefined;
  }
}
