/**
 * Fires the deadlines of everything in flight with one timer. Deadlines are kept in buckets of
 * `DEADLINE_GRAIN_MS`, so adding and removing one is a set operation: nearly all are removed before they
 * pass. They are points in monotonic time, so that setting the wall clock neither expires nor delays any.
 */
import type { Cancel, Clock } from "../world/clock.ts";
import type { DenizenError } from "../errors.ts";
import { DEADLINE_GRAIN_MS } from "../limits.ts";

export interface Expiring {
  /** In monotonic time. Must not change while it is watched. */
  readonly deadline: number;
  expire(): void;
  /** Ends it early because the node stops. */
  abandon(error: DenizenError): void;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Set<Expiring>>();
  #armed = Infinity;
  #cancel: Cancel | undefined;
  #closed: DenizenError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(item: Expiring): void {
    if (this.#closed) return item.abandon(this.#closed);
    const bucket = Math.ceil(item.deadline / DEADLINE_GRAIN_MS);
    const items = this.#buckets.get(bucket);
    if (items) items.add(item);
    else this.#buckets.set(bucket, new Set([item]));
    if (bucket < this.#armed) this.#arm(bucket);
  }

  remove(item: Expiring): void {
    const bucket = Math.ceil(item.deadline / DEADLINE_GRAIN_MS);
    const items = this.#buckets.get(bucket);
    if (!items?.delete(item)) return;
    if (items.size === 0) this.#buckets.delete(bucket);
  }

  /** Abandons everything that is watched now or will be added. */
  close(error: DenizenError): void {
    this.#closed ??= error;
    this.#cancel?.();
    this.#armed = Infinity;
    const items = [...this.#buckets.values()].flatMap((bucket) => [...bucket]);
    this.#buckets.clear();
    for (const item of items) item.abandon(this.#closed);
  }

  #arm(bucket: number): void {
    this.#cancel?.();
    this.#armed = bucket;
    const delay = Math.max(0, bucket * DEADLINE_GRAIN_MS - this.#clock.monotonic());
    this.#cancel = this.#clock.after(delay, () => this.#fire());
  }

  #fire(): void {
    this.#armed = Infinity;
    this.#cancel = undefined;
    const due = Math.floor(this.#clock.monotonic() / DEADLINE_GRAIN_MS);
    const expired: Expiring[] = [];
    let next = Infinity;
    for (const [bucket, items] of this.#buckets) {
      if (bucket <= due) {
        this.#buckets.delete(bucket);
        expired.push(...items);
      } else if (bucket < next) next = bucket;
    }
    if (next < Infinity) this.#arm(next);
    for (const item of expired) item.expire();
  }
}
