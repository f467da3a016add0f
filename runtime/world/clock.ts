/**
 * The only door for time and chance (G11). Everything else uses the `Clock` it was given, so that a whole
 * node runs under `testing/virtual_clock.ts`.
 *
 * There are two times. Wall time says what the date is; it can step in either direction when it is set, and
 * is for people and schedules only. Monotonic time measures how long something takes: deadlines, delays and
 * backoff use nothing else.
 */

/** Stops what {@link Clock.after} started. */
export type Cancel = () => void;

export interface Clock {
  /** Wall time: milliseconds since the Unix epoch. Can step back and forth. */
  now(): number;
  /**
   * Monotonic time: milliseconds since some moment before the clock was first read. Never steps back,
   * whatever happens to the wall clock. Has no meaning outside this program: send remaining milliseconds
   * instead.
   */
  monotonic(): number;
  /**
   * Calls `run` once, after at least `delayMs` of monotonic time. Every length is allowed, also `Infinity`.
   */
  after(delayMs: number, run: () => void): Cancel;
  /** From 0 up to but not including 1. */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/**
 * A point in monotonic time as wall time, for people and public interfaces; right until the wall clock is
 * set.
 */
export function wallTimeOf(clock: Clock, monotonic: number): number {
  return Math.round(clock.now() + monotonic - clock.monotonic());
}

/**
 * The point in monotonic time that is as far away as the wall time `wall`, which came from outside, such as a
 * deadline of `RunOptions`.
 */
export function monotonicTimeOf(clock: Clock, wall: number): number {
  return clock.monotonic() + wall - clock.now();
}

/** What `setTimeout` can wait for: it fires at once when asked for more. */
const TIMEOUT_LIMIT = 2 ** 31 - 1;

/** A reading of the monotonic clock, and the wall clock's millisecond in which it was taken. */
let reading = 0;
let readingOf = NaN;

/**
 * `performance.now()` takes about 85 ns and `Date.now()` 40 ns, which shows in a local call of some 500 ns.
 * So the reading is taken once in each millisecond of the wall clock. Timers discard it, so that they always
 * see a fresh one.
 */
function monotonic(): number {
  const wall = Date.now();
  if (wall === readingOf) return reading;
  readingOf = wall;
  return reading = performance.now();
}

/** The machine's clock and its random numbers. Its timers do not keep a program alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic,
  after(delayMs, run) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (ms: number) => {
      timer = setTimeout(() => {
        readingOf = NaN;
        if (ms > TIMEOUT_LIMIT) wait(ms - TIMEOUT_LIMIT);
        else run();
      }, Math.min(ms, TIMEOUT_LIMIT));
      Deno.unrefTimer(timer);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  uuid: () => crypto.randomUUID(),
};
