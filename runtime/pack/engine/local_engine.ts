/**
 * A pack on the node's own thread. Calls that may take long are asynchronous: native ones run on another
 * thread, WebAssembly is suspended.
 *
 * I1. Where calls must not overlap (a library without the feature "threads", a suspended module), every call
 * waits for the asynchronous one that runs.
 */
import { type Carrier, FEATURE, type PackDescription, type Ports } from "@denizen/pack-sdk";
import { type Engine, EngineEnded, type Tick } from "./engine.ts";

export class LocalEngine implements Engine {
  readonly description: PackDescription;
  readonly #carrier: Carrier;
  readonly #overlaps: boolean;
  /** Asynchronous calls that run or wait. */
  #pending = 0;
  /** Settles with the last of them. */
  #tail: Promise<unknown> = Promise.resolve();
  #closing = false;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    this.description = carrier.description;
    this.#overlaps = carrier.kind === "native" && (carrier.features & FEATURE.threads) !== 0;
  }

  get ended(): boolean {
    return this.#closing || this.#carrier.closed;
  }

  create(factory: number): number | Promise<number> {
    return this.#inTurn(() => this.#carrier.create(factory));
  }

  destroy(instance: number): void | Promise<void> {
    if (!this.ended) return this.#inTurn(() => this.#carrier.destroy(instance));
  }

  tick({ instance, input, config, blocking }: Tick): Ports | Promise<Ports> {
    if (blocking && this.#carrier.canTickAsync) {
      return this.#runAsync(() => this.#carrier.tickAsync(instance, input, config));
    }
    return this.#inTurn(() => this.#carrier.tick(instance, input, config));
  }

  tickAtOnce({ instance, input, config, blocking }: Tick): Ports | undefined {
    if (blocking || this.ended || this.#pending > 0 && !this.#overlaps) return undefined;
    return this.#carrier.tick(instance, input, config);
  }

  memoryBytes(): number {
    return this.#carrier.memoryBytes();
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    while (this.#pending > 0) await this.#tail;
    this.#carrier.close();
  }

  abort(): Promise<void> {
    const closed = this.close();
    return this.#pending > 0 ? Promise.resolve(void closed.catch(() => {})) : closed;
  }

  /** At once, unless an asynchronous call runs that no other may overlap. */
  #inTurn<T>(body: () => T): T | Promise<T> {
    this.#check();
    if (this.#overlaps || this.#pending === 0) return body();
    return this.#runAsync(() => Promise.resolve(body()));
  }

  #runAsync<T>(body: () => Promise<T>): Promise<T> {
    this.#check();
    const before = this.#overlaps ? undefined : this.#tail;
    const waits = this.#pending > 0;
    this.#pending++;
    const run = async () => {
      try {
        if (waits) await before;
        if (this.#carrier.closed) throw new EngineEnded(undefined);
        return await body();
      } finally {
        this.#pending--;
      }
    };
    const result = run();
    const settled = result.then(() => {}, () => {});
    this.#tail = this.#overlaps ? Promise.all([this.#tail, settled]) : settled;
    return result;
  }

  #check(): void {
    if (this.ended) throw new EngineEnded(undefined);
  }
}
