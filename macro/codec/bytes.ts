/** Bytes and other typed arrays: base64 on the wire, with lists of numbers accepted too. */
import { DecodeError, inside } from "./decode_error.ts";
import {
  checkI16,
  checkI32,
  checkI8,
  checkU16,
  checkU32,
  checkU8,
  decodeF32,
  decodeF64,
  decodeI64,
  decodeU64,
} from "./numbers.ts";

/** Only the canonical base64 of each byte sequence is accepted, with or without padding. */
function fromBase64(wire: string, expected: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(wire, { lastChunkHandling: "strict" });
  } catch {
    if (wire.length % 4 > 1 && !/[\s=]/.test(wire)) {
      try {
        return Uint8Array.fromBase64(wire + "=".repeat(4 - wire.length % 4), { lastChunkHandling: "strict" });
      } catch {
        // Reported by the error below.
      }
    }
    throw new DecodeError(`${expected} (base64)`, wire);
  }
}

export function decodeBytes(wire: unknown): Uint8Array<ArrayBuffer> {
  if (typeof wire === "string") return fromBase64(wire, "bytes");
  if (!Array.isArray(wire)) throw new DecodeError("bytes (base64)", wire);
  const bytes = new Uint8Array(wire.length);
  let at = 0;
  try {
    for (; at < bytes.length; at++) bytes[at] = checkU8(wire[at]);
  } catch (error) {
    throw inside(error, at);
  }
  return bytes;
}

export function encodeBytes(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw new DecodeError("bytes", value);
  return value.toBase64();
}

export function copyBytes(value: unknown): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) throw new DecodeError("bytes", value);
  return new Uint8Array(value);
}

/** The typed arrays a contract may use in addition to `Uint8Array`, with the check of one element. */
const ELEMENTS = {
  Int8Array: checkI8,
  Uint8ClampedArray: checkU8,
  Int16Array: checkI16,
  Uint16Array: checkU16,
  Int32Array: checkI32,
  Uint32Array: checkU32,
  Float32Array: decodeF32,
  Float64Array: decodeF64,
  BigInt64Array: decodeI64,
  BigUint64Array: decodeU64,
} as const;

/**
 * The base64 of their bytes is that of the little-endian form, which every machine Deno runs on has in
 * memory.
 */
interface TypedArrays {
  Int8Array: Int8Array<ArrayBuffer>;
  Uint8ClampedArray: Uint8ClampedArray<ArrayBuffer>;
  Int16Array: Int16Array<ArrayBuffer>;
  Uint16Array: Uint16Array<ArrayBuffer>;
  Int32Array: Int32Array<ArrayBuffer>;
  Uint32Array: Uint32Array<ArrayBuffer>;
  Float32Array: Float32Array<ArrayBuffer>;
  Float64Array: Float64Array<ArrayBuffer>;
  BigInt64Array: BigInt64Array<ArrayBuffer>;
  BigUint64Array: BigUint64Array<ArrayBuffer>;
}

export type TypedArrayName = keyof TypedArrays;

export const TYPED_ARRAY_NAMES = Object.keys(ELEMENTS) as readonly TypedArrayName[];

export function decodeTypedArray<N extends TypedArrayName>(wire: unknown, name: N): TypedArrays[N] {
  const type = globalThis[name];
  if (typeof wire === "string") {
    const { buffer } = fromBase64(wire, name);
    if (buffer.byteLength % type.BYTES_PER_ELEMENT !== 0) {
      throw new DecodeError(`${name} (base64 of a multiple of ${type.BYTES_PER_ELEMENT} bytes)`, wire);
    }
    return new type(buffer) as TypedArrays[N];
  }
  if (!Array.isArray(wire)) throw new DecodeError(`${name} (base64)`, wire);
  const check: (wire: unknown) => number | bigint = ELEMENTS[name];
  const array = new type(wire.length) as { [index: number]: number | bigint };
  let at = 0;
  try {
    for (; at < wire.length; at++) array[at] = check(wire[at]);
  } catch (error) {
    throw inside(error, at);
  }
  return array as TypedArrays[N];
}

export function encodeTypedArray<N extends TypedArrayName>(value: unknown, name: N): string {
  if (!(value instanceof globalThis[name])) throw new DecodeError(name, value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).toBase64();
}

export function copyTypedArray<N extends TypedArrayName>(value: unknown, name: N): TypedArrays[N] {
  if (!(value instanceof globalThis[name])) throw new DecodeError(name, value);
  return value.slice() as TypedArrays[N];
}
