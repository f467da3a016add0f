/** Typed arrays, and their names in frames (`ABI.md`, section 5). */

export type Attachment =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

interface Element {
  readonly size: number;
  view(buffer: ArrayBufferLike, offset: number, length: number): Attachment;
}

export const ELEMENTS: Record<string, Element> = {
  $bytes: {
    size: 1,
    view: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  },
  $i8: {
    size: 1,
    view: (buffer, offset, length) => new Int8Array(buffer, offset, length),
  },
  $u16: {
    size: 2,
    view: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  },
  $i16: {
    size: 2,
    view: (buffer, offset, length) => new Int16Array(buffer, offset, length),
  },
  $u32: {
    size: 4,
    view: (buffer, offset, length) => new Uint32Array(buffer, offset, length),
  },
  $i32: {
    size: 4,
    view: (buffer, offset, length) => new Int32Array(buffer, offset, length),
  },
  $f32: {
    size: 4,
    view: (buffer, offset, length) => new Float32Array(buffer, offset, length),
  },
  $f64: {
    size: 8,
    view: (buffer, offset, length) => new Float64Array(buffer, offset, length),
  },
  $i64: {
    size: 8,
    view: (buffer, offset, length) => new BigInt64Array(buffer, offset, length),
  },
  $u64: {
    size: 8,
    view: (buffer, offset, length) => new BigUint64Array(buffer, offset, length),
  },
};

/** By the tag of `Object.prototype.toString`, which is the same in every realm. */
export const KEY_OF_TAG: Record<string, string> = {
  Uint8Array: "$bytes",
  Uint8ClampedArray: "$bytes",
  Int8Array: "$i8",
  Uint16Array: "$u16",
  Int16Array: "$i16",
  Uint32Array: "$u32",
  Int32Array: "$i32",
  Float32Array: "$f32",
  Float64Array: "$f64",
  BigInt64Array: "$i64",
  BigUint64Array: "$u64",
};

/** The next multiple of 8: where attachments start. */
export function align8(size: number): number {
  return (size + 7) & ~7;
}
