/**
 * A pack as a WebAssembly module on this thread.
 *
 * I1. Views over the module's memory are recreated after it grows, because growing detaches them.
 * I2. After a trap the module is not called again.
 * I3. While a tick is suspended the module is not called: all ticks share the memory that holds its stack.
 */
import { FEATURE, FRAME_BYTES_MAX, SYMBOL, type WasmExports } from "./abi.ts";
import { type Carrier, closedFault, refusedInstance, type RunResult, tickFault } from "./carrier.ts";
import { readResult } from "./frame_reader.ts";
import { type Ports, writePayload } from "./frame_writer.ts";
import { LinearFrame } from "./linear_frame.ts";
import { type PackDescription, parseDescription, type Registrations } from "./metadata.ts";
import { PackFault } from "./pack_fault.ts";
import { unwindingText, unwinds } from "./unwinding.ts";

/**
 * JavaScript Promise Integration, which suspends a tick that calls `denizen_wait`. TypeScript has no types
 * for it yet.
 */
interface Suspension {
  readonly Suspending?: new (
    wait: (ms: number) => Promise<void>,
  ) => WebAssembly.ImportValue;
  readonly promising?: (call: WasmExports["denizen_actor_tick"]) => (
    ...values: Parameters<WasmExports["denizen_actor_tick"]>
  ) => Promise<number>;
}
export const suspension = WebAssembly as Suspension;

export class WasmCarrier implements Carrier {
  readonly kind = "wasm";
  readonly canTickAsync: boolean;
  readonly #exports: WasmExports;
  readonly #promising:
    | ReturnType<NonNullable<Suspension["promising"]>>
    | undefined;
  #in!: LinearFrame;
  #out!: LinearFrame;
  #suspended = false;
  #closed = false;
  #trap: unknown;

  constructor(exports: WasmExports, readonly abi: number, readonly features: number) {
    this.#exports = exports;
    const waits = (features & FEATURE.wait) !== 0 &&
      suspension.Suspending !== undefined;
    this.#promising = waits ? suspension.promising?.(exports[SYMBOL.tick]) : undefined;
    this.canTickAsync = this.#promising !== undefined;
  }

  description!: PackDescription;

  /** Describes and registers the pack: the part of loading that calls into the module. */
  start(registrations: Registrations): void {
    this.#call(() => {
      this.#in = new LinearFrame(this.#exports);
      this.#out = new LinearFrame(this.#exports);
      this.description = parseDescription(this.#describe());
      registrations.settle(
        this.#exports[SYMBOL.registerWasm](),
        this.description,
      );
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  create(factory: number): number {
    this.#enter();
    const instance = this.#call(() => this.#exports[SYMBOL.create](factory)) >>> 0;
    if (instance === 0) throw refusedInstance(factory);
    return instance;
  }

  destroy(instance: number): void {
    this.#enter();
    this.#call(() => this.#exports[SYMBOL.destroy](instance));
  }

  tick(instance: number, input: Ports, config = "{}"): Ports {
    this.#enter();
    try {
      const length = this.#write(input, config);
      const { pointer, size } = this.#out;
      const status = this.#exports[SYMBOL.tick](
        instance,
        this.#in.pointer,
        length,
        pointer,
        size,
      );
      return this.#result(instance, status);
    } catch (error) {
      throw this.#thrown(error);
    }
  }

  async tickAsync(instance: number, input: Ports, config = "{}"): Promise<Ports> {
    if (!this.#promising) return this.tick(instance, input, config);
    this.#enter();
    this.#suspended = true;
    try {
      const length = this.#write(input, config);
      const { pointer, size } = this.#out;
      const status = await this.#promising(
        instance,
        this.#in.pointer,
        length,
        pointer,
        size,
      );
      return this.#result(instance, status);
    } catch (error) {
      throw this.#thrown(error);
    } finally {
      this.#suspended = false;
    }
  }

  run(instance: number, payload: string): RunResult {
    this.#enter();
    return this.#call(() => {
      const exports = this.#exports;
      const input = new TextEncoder().encode(payload);
      const at = exports[SYMBOL.alloc](input.length) >>> 0;
      const out = exports[SYMBOL.alloc](8) >>> 0;
      new Uint8Array(exports.memory.buffer, at, input.length).set(input);
      const status = exports[SYMBOL.run](instance, at, input.length, out, out + 4);
      const bytes = this.#readOut(out);
      const text = new TextDecoder().decode(bytes);
      const [pointer, length] = new Uint32Array(exports.memory.buffer, out, 2);
      exports[SYMBOL.free](pointer!, length!);
      exports[SYMBOL.free](out, 8);
      exports[SYMBOL.free](at, input.length);
      return { status, text };
    });
  }

  live(): number {
    this.#enter();
    return this.#call(() => this.#exports[SYMBOL.live]()) >>> 0;
  }

  memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  close(): void {
    if (this.#closed) return;
    this.#enter();
    this.#call(() => this.#exports[SYMBOL.shutdown]());
    this.#closed = true;
  }

  #enter(): void {
    if (this.#closed) throw closedFault(this.#trap);
    if (this.#suspended) {
      throw new PackFault(
        "instance",
        "Cannot call the pack as one of its ticks is suspended",
      );
    }
  }

  #call<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw this.#thrown(error);
    }
  }

  /** Any error that unwinds the module ends it. */
  #thrown(error: unknown): unknown {
    if (error instanceof PackFault) return error;
    if (!unwinds(error)) return error;
    this.#closed = true;
    this.#trap = error;
    return new PackFault("trap", `The pack trapped: ${unwindingText(error)}`, 0, error);
  }

  #write(input: Ports, config: string): number {
    this.#in.trim();
    this.#out.trim();
    return writePayload(this.#in.memory, this.#in.grow, input, config);
  }

  #result(instance: number, status: number): Ports {
    if (status >= 0 && status <= this.#out.size) return readResult(this.#out.memory, status, false);
    if (status === -1) throw tickFault(status, undefined);
    // The output frame grows to the size of this result, so that the next one needs no second call.
    if (status > 0) this.#out.grow(Math.min(status, FRAME_BYTES_MAX));
    let length = this.#take(instance);
    if (length > this.#out.size && length <= FRAME_BYTES_MAX) {
      this.#out.grow(length);
      length = this.#take(instance);
    }
    if (status > 0 && length !== status) {
      throw new PackFault(
        "result",
        `Cannot take the result as the pack no longer has it: ${length} bytes of ${status}`,
      );
    }
    const kept = length > 0 ? readResult(this.#out.memory, length, false) : undefined;
    if (status < 0) throw tickFault(status, kept);
    return kept ?? {};
  }

  #take(instance: number): number {
    return this.#exports[SYMBOL.take](instance, this.#out.pointer, this.#out.size);
  }

  #describe(): Uint8Array {
    const out = this.#exports[SYMBOL.alloc](8) >>> 0;
    const status = this.#exports[SYMBOL.describe](out, out + 4);
    if (status !== 0) {
      throw new PackFault(
        "metadata",
        `Cannot load the pack as it does not describe itself: status ${status}`,
        status,
      );
    }
    const bytes = this.#readOut(out);
    this.#exports[SYMBOL.free](out, 8);
    return bytes;
  }

  /** A copy of the bytes whose pointer and length are stored at `out`. */
  #readOut(out: number): Uint8Array {
    const { buffer } = this.#exports.memory;
    if (out === 0 || out % 4 !== 0 || out + 8 > buffer.byteLength) {
      throw new PackFault(
        "result",
        `Cannot read from the pack as its memory is wrong: ${out}`,
      );
    }
    const [pointer, length] = new Uint32Array(buffer, out, 2) as unknown as [number, number];
    if (pointer + length > buffer.byteLength) {
      throw new PackFault(
        "result",
        `Cannot read from the pack as it points outside its memory: ${pointer}, ${length}`,
      );
    }
    return new Uint8Array(buffer, pointer, length).slice();
  }
}
