import { NATIVE_SYMBOLS, REGISTER_TEMPLATE, SYMBOL } from "../abi.ts";
import {
  type Answer,
  checkGuard,
  GUARD_BYTE,
  GUARD_BYTES,
  type RawPack,
  type RawResult,
  type Registration,
} from "./raw_pack.ts";

function pointerTo(bytes: Uint8Array): Deno.PointerValue {
  return Deno.UnsafePointer.of(bytes as Uint8Array<ArrayBuffer>);
}

/** Memory of the host followed by a guard, starting at a multiple of 8, or one byte off. */
function guarded(capacity: number): Uint8Array {
  return new Uint8Array(capacity + GUARD_BYTES).fill(GUARD_BYTE);
}

function at(address: bigint, length: bigint): Uint8Array {
  const pointer = Deno.UnsafePointer.create(address);
  if (pointer === null || length === 0n) return new Uint8Array();
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, Number(length))).slice();
}

class RawNative implements RawPack {
  readonly kind = "native";
  readonly #library: Deno.DynamicLibrary<typeof NATIVE_SYMBOLS>;
  readonly #symbols;

  constructor(path: string) {
    this.#library = Deno.dlopen(path, NATIVE_SYMBOLS);
    this.#symbols = this.#library.symbols;
  }

  abi(): number {
    return this.#symbols[SYMBOL.abi]();
  }

  features(): number {
    return this.#symbols[SYMBOL.features]();
  }

  describe(): { status: number; text: Uint8Array } {
    const out = new BigUint64Array(2);
    const status = this.#symbols[SYMBOL.describe](out.subarray(0, 1), out.subarray(1));
    return { status, text: at(out[0]!, out[1]!) };
  }

  register(answer: Answer | null): Registration {
    const ids: string[] = [];
    if (answer === null) return { status: this.#symbols[SYMBOL.registerNative](null), ids };
    const callback = new Deno.UnsafeCallback(REGISTER_TEMPLATE, (_host, id) => {
      ids.push(Deno.UnsafePointerView.getCString(id!));
      return answer(ids.at(-1)!, ids.length - 1);
    });
    const table = new BigUint64Array(2);
    table[0] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(table));
    table[1] = Deno.UnsafePointer.value(callback.pointer);
    const status = this.#symbols[SYMBOL.registerNative](table);
    callback.close();
    return { status, ids };
  }

  alloc(size: number): number {
    return Number(Deno.UnsafePointer.value(this.#symbols[SYMBOL.alloc](BigInt(size))));
  }

  free(address: number, size: number): void {
    this.#symbols[SYMBOL.free](Deno.UnsafePointer.create(BigInt(address)), BigInt(size));
  }

  fill(address: number, size: number, byte: number): void {
    this.#view(address, size).fill(byte);
  }

  holds(address: number, size: number, byte: number): boolean {
    return this.#view(address, size).every((found) => found === byte);
  }

  #view(address: number, size: number): Uint8Array {
    return new Uint8Array(
      Deno.UnsafePointerView.getArrayBuffer(Deno.UnsafePointer.create(BigInt(address))!, size),
    );
  }

  create(factory: number): number {
    return this.#symbols[SYMBOL.create](factory);
  }

  destroy(instance: number): void {
    this.#symbols[SYMBOL.destroy](instance);
  }

  tick(instance: number, frame: Uint8Array, capacity: number, misaligned = false): RawResult {
    const shift = misaligned ? 1 : 0;
    const input = new Uint8Array(frame.length + 8), out = guarded(capacity);
    input.set(frame, shift);
    const start = Deno.UnsafePointer.offset(pointerTo(input)!, shift);
    const status = this.#symbols[SYMBOL.tick](instance, start, frame.length, pointerTo(out), capacity);
    checkGuard(out, capacity);
    return { status, out };
  }

  tickSpans(instance: number, frame: Uint8Array, spans: readonly Uint8Array[], capacity: number): RawResult {
    const input = frame.slice(), out = guarded(capacity), table = new BigUint64Array(2 * spans.length + 8);
    const own = spans.map((span) => new Uint8Array(span.length + 64));
    own.forEach((copy, i) => {
      copy.set(spans[i]!);
      table[2 * i] = Deno.UnsafePointer.value(pointerTo(copy));
      table[2 * i + 1] = BigInt(spans[i]!.length);
    });
    const status = this.#symbols[SYMBOL.tickSpans]!(
      instance,
      pointerTo(input),
      frame.length,
      Deno.UnsafePointer.of(table),
      spans.length,
      pointerTo(out),
      capacity,
    );
    checkGuard(out, capacity);
    return { status, out };
  }

  async tickAsync(instance: number, frame: Uint8Array, capacity: number): Promise<RawResult> {
    const input = frame.slice(), out = guarded(capacity);
    const status = await this.#symbols.tick_async(
      instance,
      pointerTo(input),
      frame.length,
      pointerTo(out),
      capacity,
    );
    checkGuard(out, capacity);
    return { status, out };
  }

  take(instance: number, capacity: number): RawResult {
    const out = guarded(capacity);
    const status = this.#symbols[SYMBOL.take](instance, pointerTo(out), capacity);
    checkGuard(out, capacity);
    return { status, out };
  }

  run(instance: number, payload: Uint8Array): RawResult {
    const out = new BigUint64Array(2), input = payload as Uint8Array<ArrayBuffer>;
    const status = this.#symbols[SYMBOL.run](
      instance,
      input,
      BigInt(input.length),
      out.subarray(0, 1),
      out.subarray(1),
    );
    const text = at(out[0]!, out[1]!);
    this.#symbols[SYMBOL.free](Deno.UnsafePointer.create(out[0]!), out[1]!);
    return { status, out: text };
  }

  live(): number {
    return this.#symbols[SYMBOL.live]();
  }

  memoryBytes(): number {
    return 0;
  }

  shutdown(): void {
    this.#symbols[SYMBOL.shutdown]();
  }

  close(): void {
    this.#library.close();
  }
}

/** Opens a library without registering anything. */
export function openRawNative(path: string): RawPack {
  return new RawNative(path);
}
