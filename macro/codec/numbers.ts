/**
 * Numbers. A `check…` function serves all three directions, because the wire form is the value itself; the
 * others come in `decode…` (wire to typed), `encode…` (typed to wire) and `check…` (typed to typed).
 */
import { DecodeError } from "./decode_error.ts";

const U64_MAX = (1n << 64n) - 1n;
const I64_MIN = -(1n << 63n);
const I64_MAX = (1n << 63n) - 1n;
const SAFE_MIN = BigInt(Number.MIN_SAFE_INTEGER);
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

// Each integer check returns the result of the integer operation, so that -0 becomes 0.

export function checkU8(value: unknown): number {
  if (typeof value === "number") {
    const integer = value & 0xff;
    if (integer === value) return integer;
  }
  throw new DecodeError("u8", value);
}

export function checkU16(value: unknown): number {
  if (typeof value === "number") {
    const integer = value & 0xffff;
    if (integer === value) return integer;
  }
  throw new DecodeError("u16", value);
}

export function checkU32(value: unknown): number {
  if (typeof value === "number") {
    const integer = value >>> 0;
    if (integer === value) return integer;
  }
  throw new DecodeError("u32", value);
}

export function checkI8(value: unknown): number {
  if (typeof value === "number") {
    const integer = (value << 24) >> 24;
    if (integer === value) return integer;
  }
  throw new DecodeError("i8", value);
}

export function checkI16(value: unknown): number {
  if (typeof value === "number") {
    const integer = (value << 16) >> 16;
    if (integer === value) return integer;
  }
  throw new DecodeError("i16", value);
}

export function checkI32(value: unknown): number {
  if (typeof value === "number") {
    const integer = value | 0;
    if (integer === value) return integer;
  }
  throw new DecodeError("i32", value);
}

/**
 * Values that JSON numbers lack travel as strings: `"NaN"`, `"Infinity"`, `"-Infinity"` and, for its sign,
 * `"-0"`.
 */
function namedFloat(wire: unknown): number | undefined {
  switch (wire) {
    case "NaN":
      return NaN;
    case "Infinity":
      return Infinity;
    case "-Infinity":
      return -Infinity;
    case "-0":
      return -0;
    default:
      return undefined;
  }
}

export function decodeF64(wire: unknown): number {
  // JSON.parse makes Infinity of 1e400.
  if (typeof wire === "number" && wire - wire === 0) return wire;
  const value = namedFloat(wire);
  if (value === undefined) throw new DecodeError("f64", wire);
  return value;
}

export function encodeF64(value: unknown): number | string {
  if (typeof value !== "number") throw new DecodeError("f64", value);
  if (value - value === 0 && (value !== 0 || 1 / value > 0)) return value;
  return Object.is(value, -0) ? "-0" : String(value);
}

export function checkF64(value: unknown): number {
  if (typeof value !== "number") throw new DecodeError("f64", value);
  return value;
}

function rounded(value: number): number {
  const nearest = Math.fround(value);
  if (nearest - nearest !== 0 && value - value === 0) throw new DecodeError("f32", value);
  return nearest;
}

export function decodeF32(wire: unknown): number {
  if (typeof wire === "number" && wire - wire === 0) return rounded(wire);
  const value = namedFloat(wire);
  if (value === undefined) throw new DecodeError("f32", wire);
  return value;
}

export function encodeF32(value: unknown): number | string {
  return encodeF64(checkF32(value));
}

export function checkF32(value: unknown): number {
  if (typeof value !== "number") throw new DecodeError("f32", value);
  return rounded(value);
}

/**
 * A number in a union with strings, where `"NaN"` would be text: the non-finite are refused, and -0 becomes
 * 0.
 */
export function checkFinite(value: unknown): number {
  if (typeof value === "number" && value - value === 0) return value + 0;
  throw new DecodeError("a finite number", value);
}

/**
 * The longest decimal text of an integer, sign included: reading and writing one takes time by the square of
 * its length.
 */
const INTEGER_CHARACTERS_MAX = 100_000;
let integerLimit: bigint | undefined;

/** A whole number that is safe as a JSON number, or decimal text. */
function decodeInteger(wire: unknown, expected: string): bigint {
  if (typeof wire === "number" && Number.isSafeInteger(wire)) return BigInt(wire);
  if (typeof wire === "string" && wire.length <= INTEGER_CHARACTERS_MAX && /^-?[0-9]+$/.test(wire)) {
    return BigInt(wire);
  }
  throw new DecodeError(expected, wire);
}

function encodeInteger(value: bigint): number | string {
  return value >= SAFE_MIN && value <= SAFE_MAX ? Number(value) : String(value);
}

export function checkU64(value: unknown): bigint {
  if (typeof value === "bigint" && value >= 0n && value <= U64_MAX) return value;
  throw new DecodeError("u64", value);
}

export function decodeU64(wire: unknown): bigint {
  const value = decodeInteger(wire, "u64");
  if (value < 0n || value > U64_MAX) throw new DecodeError("u64", wire);
  return value;
}

export function encodeU64(value: unknown): number | string {
  return encodeInteger(checkU64(value));
}

export function checkI64(value: unknown): bigint {
  if (typeof value === "bigint" && value >= I64_MIN && value <= I64_MAX) return value;
  throw new DecodeError("i64", value);
}

export function decodeI64(wire: unknown): bigint {
  const value = decodeInteger(wire, "i64");
  if (value < I64_MIN || value > I64_MAX) throw new DecodeError("i64", wire);
  return value;
}

export function encodeI64(value: unknown): number | string {
  return encodeInteger(checkI64(value));
}

export function checkBigint(value: unknown): bigint {
  if (typeof value === "bigint" && (BigInt.asIntN(64, value) === value || isWritable(value))) return value;
  throw new DecodeError("bigint", value);
}

/** Whether the decimal text of a large integer may be read again. */
function isWritable(value: bigint): boolean {
  integerLimit ??= 10n ** BigInt(INTEGER_CHARACTERS_MAX - 1);
  return value < integerLimit && value > -integerLimit;
}

export function decodeBigint(wire: unknown): bigint {
  return decodeInteger(wire, "bigint");
}

export function encodeBigint(value: unknown): number | string {
  return encodeInteger(checkBigint(value));
}
