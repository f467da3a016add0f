/**
 * A native pack in this process, through `Deno.dlopen`.
 *
 * I1. `tick` uses frames of the carrier that never move while a call runs; each asynchronous tick has frames
 * of its own.
 * I2. Without the feature "threads" the pack has at most one call at a time: asynchronous ticks queue, and
 * every other call is refused while one runs.
 * I3. An instance in an asynchronous tick is neither ticked again nor destroyed.
 */
import { FEATURE, FRAME_BYTES_MAX, type NATIVE_SYMBOLS, SYMBOL } from "./abi.ts";
import { type Carrier, closedFault, refusedInstance, type RunResult, tickFault } from "./carrier.ts";
import { readResult } from "./frame_reader.ts";
import { type Ports, writePayload } from "./frame_writer.ts";
import type { PackDescription } from "./metadata.ts";
import { PackFault } from "./pack_fault.ts";
import { FRAME_BYTES, PinnedFrame } from "./pinned_frame.ts";
import { Spans } from "./spans.ts";

export type Library = Deno.DynamicLibrary<typeof NATIVE_SYMBOLS>;

/** The bytes at an address in the pack. */
export function readPointer(address: bigint, length: bigint): Uint8Array {
  const pointer = Deno.UnsafePointer.create(address);
  if (pointer === null || length === 0n) return new Uint8Array();
  if (length > BigInt(FRAME_BYTES_MAX)) {
    throw new PackFault(
      "result",
      `Cannot read from the pack as the length is wrong: ${length}`,
    );
  }
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, Number(length)));
}

export class NativeCarrier implements Carrier {
  readonly kind = "native";
  readonly canTickAsync = true;
  readonly #library: Library;
  readonly #symbols: Library["symbols"];
  readonly #in = new PinnedFrame(FRAME_BYTES);
  readonly #out = new PinnedFrame(FRAME_BYTES);
  /** Unused frames of asynchronous ticks. */
  readonly #spare: PinnedFrame[] = [];
  readonly #busy = new Set<number>();
  /**
   * For instances whose last result did not fit: the size of the next result's frame, which the caller will
   * own.
   */
  readonly #large = new Map<number, number>();
  readonly #threads: boolean;
  readonly #tickSpans: Library["symbols"][typeof SYMBOL.tickSpans];
  /** Set if the pack accepts spans. */
  readonly #spans: Spans | undefined;
  /** Settles with the last queued asynchronous tick, where ticks must not overlap. */
  #queue: Promise<unknown> = Promise.resolve();
  #queued = 0;
  #closed = false;

  constructor(
    library: Library,
    readonly abi: number,
    readonly features: number,
    readonly description: PackDescription,
  ) {
    this.#library = library;
    this.#symbols = library.symbols;
    this.#threads = (features & FEATURE.threads) !== 0;
    this.#tickSpans = this.#symbols[SYMBOL.tickSpans];
    this.#spans = (features & FEATURE.spans) !== 0 && this.#tickSpans ? new Spans() : undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  create(factory: number): number {
    this.#enter();
    const instance = this.#symbols[SYMBOL.create](factory);
    if (instance === 0) throw refusedInstance(factory);
    return instance;
  }

  destroy(instance: number): void {
    this.#enter(instance);
    this.#large.delete(instance);
    this.#symbols[SYMBOL.destroy](instance);
  }

  tick(instance: number, input: Ports, config = "{}"): Ports {
    this.#enter(instance);
    const { memory, grow } = this.#in;
    const spans = this.#spans;
    const length = writePayload(memory, grow, input, config, spans);
    const large = this.#large.size > 0 ? this.#large.get(instance) : undefined;
    const out = large === undefined ? this.#out : new PinnedFrame(large);
    const status = spans && spans.count > 0
      ? this.#tickSpans!(
        instance,
        this.#in.pointer,
        length,
        spans.pointer,
        spans.count,
        out.pointer,
        out.size,
      )
      : this.#symbols[SYMBOL.tick](instance, this.#in.pointer, length, out.pointer, out.size);
    this.#in.trim();
    if (status < 0 || status > out.size) return this.#takeKept(instance, status);
    if (large !== undefined && status <= FRAME_BYTES) this.#large.delete(instance);
    return readResult(out.memory, status, large !== undefined);
  }

  async tickAsync(instance: number, input: Ports, config = "{}"): Promise<Ports> {
    if (this.#closed) throw closedFault();
    if (this.#busy.has(instance)) throw this.#busyFault(instance);
    this.#busy.add(instance);
    const frame = this.#spare.pop() ?? new PinnedFrame(FRAME_BYTES);
    const out = this.#spare.pop() ?? new PinnedFrame(FRAME_BYTES);
    try {
      const length = writePayload(frame.memory, frame.grow, input, config);
      const call = () =>
        this.#symbols.tick_async(
          instance,
          frame.pointer,
          length,
          out.pointer,
          FRAME_BYTES,
        );
      const status = this.#threads ? await call() : await this.#enqueue(call);
      if (status >= 0 && status <= FRAME_BYTES) {
        return readResult(out.memory, status, false);
      }
      return this.#takeKept(instance, status);
    } finally {
      frame.trim();
      this.#spare.push(frame, out);
      this.#busy.delete(instance);
    }
  }

  run(instance: number, payload: string): RunResult {
    this.#enter(instance);
    const input = new TextEncoder().encode(payload),
      out = new BigUint64Array(2);
    const status = this.#symbols[SYMBOL.run](
      instance,
      input,
      BigInt(input.length),
      out.subarray(0, 1),
      out.subarray(1),
    );
    const text = new TextDecoder().decode(readPointer(out[0]!, out[1]!).slice());
    this.#symbols[SYMBOL.free](Deno.UnsafePointer.create(out[0]!), out[1]!);
    return { status, text };
  }

  live(): number {
    this.#enter();
    return this.#symbols[SYMBOL.live]();
  }

  memoryBytes(): number {
    return 0;
  }

  close(): void {
    if (this.#closed) return;
    const [running] = this.#busy;
    if (running !== undefined) throw this.#busyFault(running);
    this.#closed = true;
    this.#symbols[SYMBOL.shutdown]();
    this.#library.close();
  }

  #enter(instance = 0): void {
    if (this.#closed) throw closedFault();
    if (this.#busy.size === 0) return;
    if (!this.#threads || this.#busy.has(instance)) {
      throw this.#busyFault(instance);
    }
  }

  #busyFault(instance: number): PackFault {
    return new PackFault(
      "instance",
      `Cannot call the pack as a tick is running: instance ${instance}`,
    );
  }

  #enqueue(call: () => Promise<number>): Promise<number> {
    this.#queued++;
    const turn = this.#queue.then(call).finally(() => this.#queued--);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  /**
   * Copies a result that did not fit into memory that the caller will own, or throws the error that the pack
   * kept.
   */
  #takeKept(instance: number, status: number): Ports {
    const kept = new PinnedFrame(
      status > 0 ? Math.min(status, FRAME_BYTES_MAX) : FRAME_BYTES,
    );
    let length = status === -1 ? 0 : this.#take(instance, kept);
    if (length > kept.size && length <= FRAME_BYTES_MAX) {
      kept.grow(length);
      length = this.#take(instance, kept);
    }
    if (status >= 0 && length !== status) {
      throw new PackFault(
        "result",
        `Cannot take the result as the pack no longer has it: ${length} bytes of ${status}`,
      );
    }
    if (status >= 0) {
      this.#large.set(instance, Math.min(length + (length >> 3), FRAME_BYTES_MAX));
      return readResult(kept.memory, length, true);
    }
    throw tickFault(status, length > 0 ? readResult(kept.memory, length, true) : undefined);
  }

  #take(instance: number, frame: PinnedFrame): number {
    return this.#symbols[SYMBOL.take](instance, frame.pointer, frame.size);
  }
}
