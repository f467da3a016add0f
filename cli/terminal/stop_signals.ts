/**
 * Signals that ask the command to stop.
 *
 * One Ctrl+C may arrive several times: the terminal sends it to all of its processes, and `deno task` and
 * `npx` forward it. The same signal within {@link ECHO_MS} therefore counts as one request.
 */

const ECHO_MS = 250;

/** A program that a signal ended exits with 128 plus the number of the signal. */
const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGBREAK: 21, SIGTERM: 15 } as const;
type StopSignal = keyof typeof NUMBERS;

const SIGNALS: readonly StopSignal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

export class StopSignals implements Disposable {
  readonly #first = Promise.withResolvers<StopSignal>();
  readonly #second = Promise.withResolvers<StopSignal>();
  readonly #listeners = SIGNALS.map((signal) => [signal, () => this.#take(signal)] as const);
  #last: { readonly signal: StopSignal; readonly at: number } | undefined;

  constructor() {
    for (const [signal, listener] of this.#listeners) Deno.addSignalListener(signal, listener);
  }

  /** Asks for a graceful stop. Resolves at the first signal. */
  get first(): Promise<StopSignal> {
    return this.#first.promise;
  }

  /** Asks for an immediate stop. Resolves at the second signal. */
  get second(): Promise<StopSignal> {
    return this.#second.promise;
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
  }

  #take(signal: StopSignal): void {
    const at = performance.now();
    const echo = this.#last?.signal === signal && at - this.#last.at < ECHO_MS;
    if (!echo && this.#last) this.#second.resolve(signal);
    if (!echo) this.#last = { signal, at };
    this.#first.resolve(signal);
  }
}

export function exitCodeOfSignal(signal: StopSignal): number {
  return 128 + NUMBERS[signal];
}
