import { IMPORT, SYMBOL, type WasmExports } from "../abi.ts";
import {
  type Answer,
  checkGuard,
  GUARD_BYTE,
  GUARD_BYTES,
  type RawPack,
  type RawResult,
  type Registration,
} from "./raw_pack.ts";

class RawWasm implements RawPack {
  readonly kind = "wasm";
  readonly #exports: WasmExports;
  #answer: Answer = () => 0;
  #ids: string[] = [];

  constructor(module: WebAssembly.Module) {
    const env = {
      [IMPORT.registerTemplate]: (meta: number, length: number, factory: number): number => {
        const text = new TextDecoder().decode(this.#view(meta, length));
        this.#ids.push((JSON.parse(text) as { name: string }).name);
        return this.#answer(this.#ids.at(-1)!, factory);
      },
      [IMPORT.wait]: () => {},
    };
    this.#exports = new WebAssembly.Instance(module, { env }).exports as WasmExports;
  }

  #view(at: number, size: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, at >>> 0, size);
  }

  abi(): number {
    return this.#exports[SYMBOL.abi]() >>> 0;
  }

  features(): number {
    return this.#exports[SYMBOL.features]() >>> 0;
  }

  describe(): { status: number; text: Uint8Array } {
    return this.#withOut((out) => {
      const status = this.#exports[SYMBOL.describe](out, out + 4);
      return { status, text: this.#readOut(out) };
    });
  }

  register(answer: Answer | null): Registration {
    this.#answer = answer ?? (() => -1);
    this.#ids = [];
    const status = this.#exports[SYMBOL.registerWasm]();
    return { status, ids: this.#ids };
  }

  alloc(size: number): number {
    return this.#exports[SYMBOL.alloc](size) >>> 0;
  }

  free(at: number, size: number): void {
    this.#exports[SYMBOL.free](at, size);
  }

  fill(at: number, size: number, byte: number): void {
    this.#view(at, size).fill(byte);
  }

  holds(at: number, size: number, byte: number): boolean {
    return this.#view(at, size).every((found) => found === byte);
  }

  create(factory: number): number {
    return this.#exports[SYMBOL.create](factory) >>> 0;
  }

  destroy(instance: number): void {
    this.#exports[SYMBOL.destroy](instance);
  }

  tick(instance: number, frame: Uint8Array, capacity: number, misaligned = false): RawResult {
    const shift = misaligned ? 1 : 0,
      input = this.alloc(frame.length + 8),
      out = this.alloc(capacity + GUARD_BYTES);
    this.fill(out, capacity + GUARD_BYTES, GUARD_BYTE);
    this.#view(input + shift, frame.length).set(frame);
    const status = this.#exports[SYMBOL.tick](instance, input + shift, frame.length, out, capacity);
    return this.#finish(status, out, capacity, () => this.free(input, frame.length + 8));
  }

  tickSpans(): RawResult {
    throw new Error("A wasm module has no spans");
  }

  tickAsync(): Promise<RawResult> {
    return Promise.reject(new Error("A wasm module has no threads"));
  }

  take(instance: number, capacity: number): RawResult {
    const out = this.alloc(capacity + GUARD_BYTES);
    this.fill(out, capacity + GUARD_BYTES, GUARD_BYTE);
    return this.#finish(this.#exports[SYMBOL.take](instance, out, capacity), out, capacity, () => {});
  }

  #finish(status: number, out: number, capacity: number, release: () => void): RawResult {
    const bytes = this.#view(out, capacity + GUARD_BYTES).slice();
    release();
    this.free(out, capacity + GUARD_BYTES);
    checkGuard(bytes, capacity);
    return { status, out: bytes };
  }

  run(instance: number, payload: Uint8Array): RawResult {
    return this.#withOut((out) => {
      const input = this.alloc(payload.length);
      this.#view(input, payload.length).set(payload);
      const status = this.#exports[SYMBOL.run](instance, input, payload.length, out, out + 4);
      const text = this.#readOut(out), [at, length] = new Uint32Array(this.#exports.memory.buffer, out, 2);
      this.free(at!, length!);
      this.free(input, payload.length);
      return { status, out: text };
    });
  }

  live(): number {
    return this.#exports[SYMBOL.live]() >>> 0;
  }

  memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  shutdown(): void {
    this.#exports[SYMBOL.shutdown]();
  }

  close(): void {}

  #withOut<T>(body: (out: number) => T): T {
    const out = this.alloc(8);
    this.fill(out, 8, 0);
    const result = body(out);
    this.free(out, 8);
    return result;
  }

  #readOut(out: number): Uint8Array {
    const [at, length] = new Uint32Array(this.#exports.memory.buffer, out, 2);
    return this.#view(at!, length!).slice();
  }
}

/** Instantiates a module without registering anything. */
export function openRawWasm(module: WebAssembly.Module): RawPack {
  return new RawWasm(module);
}
