/** When a crashed process starts again: 1 s, doubling to 10 min, and 1 s again after a healthy minute. */
import { RESTART_BACKOFF_MAX_MS, RESTART_BACKOFF_MIN_MS, RESTART_HEALTHY_MS } from "../limits.ts";

export class Backoff {
  #delay = 0;
  #startedAt: number | undefined;

  started(now: number): void {
    this.#startedAt = now;
  }

  /** Milliseconds to wait after a crash at `now`. */
  crashed(now: number): number {
    if (this.#startedAt !== undefined && now - this.#startedAt >= RESTART_HEALTHY_MS) this.#delay = 0;
    this.#startedAt = undefined;
    this.#delay = this.#delay === 0
      ? RESTART_BACKOFF_MIN_MS
      : Math.min(this.#delay * 2, RESTART_BACKOFF_MAX_MS);
    return this.#delay;
  }
}
