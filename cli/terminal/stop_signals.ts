/**
 * Requests to stop, from the terminal or from another program.
 *
 * One Ctrl+C may arrive several times: the terminal sends it to every process in it, and `deno task` and `npx` pass on what they
 * get as well. The same signal within {@link ECHO_MS} is therefore the same request.
 */

const ECHO_MS = 250;

/** The exit code of a program that a signal ended is 128 and the signal's number. */
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

  /** Asks for a graceful stop. */
  get first(): Promise<StopSignal> {
    return this.#first.promise;
  }

  /** Asks for an end at once. */
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
