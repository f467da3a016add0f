/**
 * The iterator of `Storage.watch`: it keeps the newest value only, and `return` ends a waiting `next` at
 * once.
 */

export class Changes<T> implements AsyncIterableIterator<T> {
  #newest: { readonly value: T } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #waiting: PromiseWithResolvers<IteratorResult<T>> | undefined;
  #ended = false;
  readonly #stop: () => void;

  /** `stop` is called once, after the last listener left. */
  constructor(stop: () => void) {
    this.#stop = stop;
  }

  /** Replaces a value that was not read yet. */
  push(value: T): void {
    if (this.#ended) return;
    if (this.#waiting === undefined) this.#newest = { value };
    else this.#settle().resolve({ value, done: false });
  }

  /** The next read throws `error` and ends the iteration. */
  fail(error: unknown): void {
    if (this.#ended) return;
    if (this.#waiting === undefined) this.#failure = { error };
    else {
      this.#settle().reject(error);
      this.end();
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#waiting !== undefined) this.#settle().resolve({ value: undefined, done: true });
    this.#stop();
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#newest !== undefined && !this.#ended) {
      const { value } = this.#newest;
      this.#newest = undefined;
      return Promise.resolve({ value, done: false });
    }
    if (this.#failure !== undefined && !this.#ended) {
      this.end();
      return Promise.reject(this.#failure.error);
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  return(): Promise<IteratorResult<T>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #settle(): PromiseWithResolvers<IteratorResult<T>> {
    const waiting = this.#waiting!;
    this.#waiting = undefined;
    return waiting;
  }
}
