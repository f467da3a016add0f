/**
 * A clock that moves when a test moves it, and whose chance comes from a seed: a run repeats exactly (G11).
 */

import type { Cancel, Clock } from "../world/clock.ts";

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
}

export interface VirtualClockOptions {
  /** The same seed gives the same numbers. */
  readonly seed?: number;
  /** Wall time at the start, in milliseconds since the Unix epoch. Default: the first of January 2030. */
  readonly start?: number;
}

/**
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { VirtualClock } from "@denizen/runtime/testing";
 *
 * const clock = new VirtualClock({ seed: 7 });
 * const rang: number[] = [];
 * clock.after(60_000, () => rang.push(clock.now()));
 * await clock.advance(60_000); // takes no time
 * assert.equal(rang.length, 1);
 * ```
 */
export class VirtualClock implements Clock {
  readonly seed: number;
  readonly #timers = new Set<Timer>();
  /** Milliseconds it was advanced by. */
  #monotonic = 0;
  /** How far the wall clock is ahead of the monotonic one. */
  #wall: number;
  #started = 0;
  #random: number;

  constructor({ seed = 1, start = 1_893_456_000_000 }: VirtualClockOptions = {}) {
    this.seed = seed;
    this.#random = seed | 0;
    this.#wall = start;
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#wall + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /**
   * Sets the wall clock forward by `ms`, or back if it is negative. No timer runs, and monotonic time goes on
   * as before.
   */
  stepWall(ms: number): void {
    this.#wall += ms;
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = { due: this.#monotonic + Math.max(0, delayMs), order: this.#started++, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** From the seed, by the mulberry32 generator. */
  random(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  uuid(): string {
    const digits = Array.from({ length: 32 }, () => Math.floor(this.random() * 16));
    digits[12] = 4;
    digits[16] = 8 + (digits[16] & 3);
    const hex = digits.map((digit) => digit.toString(16)).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /**
   * Moves on by `ms`. Timers run in order of time, each after everything the ones before it started has
   * settled.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#monotonic = Math.max(this.#monotonic, timer.due);
      timer.run();
      await settle();
    }
    this.#monotonic = end;
  }

  /** Moves on to the next timer and runs it. Returns whether there was one. */
  async advanceToNext(): Promise<boolean> {
    const timer = this.#next(Infinity);
    if (timer !== undefined) await this.advance(timer.due - this.#monotonic);
    return timer !== undefined;
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > end) continue;
      if (
        first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}

/** Resolves once every promise that can settle without the outside world has. */
export function settle(): Promise<void> {
  // A message comes after all the microtasks, however many one leads to another.
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
