/**
 * When a crashed process starts again: after 1 s, doubling up to 10 min; after 1 s again once it was healthy
 * for a minute.
 */
import type { Cancel, Clock } from "../world/clock.ts";
import { RESTART_BACKOFF_MAX_MS, RESTART_BACKOFF_MIN_MS, RESTART_HEALTHY_MS } from "../limits.ts";

export class Restarts {
  readonly #clock: Clock;
  #delayMs = 0;
  #startedAt: number | undefined;
  #next: Cancel | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It runs: from now on it is healthy, until it crashes. */
  started(): void {
    this.#startedAt = this.#clock.monotonic();
  }

  /** Calls `again` when it is to start again. Returns the milliseconds until then. */
  crashed(again: () => void): number {
    const startedAt = this.#startedAt;
    if (startedAt !== undefined && this.#clock.monotonic() - startedAt >= RESTART_HEALTHY_MS) {
      this.#delayMs = 0;
    }
    this.#startedAt = undefined;
    this.#delayMs = this.#delayMs === 0
      ? RESTART_BACKOFF_MIN_MS
      : Math.min(this.#delayMs * 2, RESTART_BACKOFF_MAX_MS);
    this.#next = this.#clock.after(this.#delayMs, () => {
      this.#next = null;
      again();
    });
    return this.#delayMs;
  }

  /** It is not to start again. */
  cancel(): void {
    this.#next?.();
    this.#next = null;
  }
}
