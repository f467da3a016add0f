/**
 * The only door for time and chance (G11). Everything else asks the `Clock` it was given, so that a whole node runs under
 * `testing/virtual_clock.ts`.
 */

/** Stops what {@link Clock.after} started. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `run` once, no sooner than `delayMs` from now. */
  after(delayMs: number, run: () => void): Cancel;
  /** From 0 up to but not including 1. */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** The machine's clock and its random numbers. Its timers do not keep a program alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  uuid: () => crypto.randomUUID(),
};
