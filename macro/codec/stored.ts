/**
 * Encodes the values of a state. The form is that of the wire, except that maps are always pairs, which keep
 * their order. Values that could not be read back unchanged are refused: containers in two places
 * (state_walk.ts), instances of classes instead of records, entries that become equal.
 *
 * Each function reports its container and a lower bound of its size to the walk, so that shared parts and
 * states that are too large are found during encoding.
 */
import type { Json } from "../declare/schema.ts";
import { encodeBytes, encodeTypedArray, type TypedArrayName } from "./bytes.ts";
import {
  type Convert,
  convertDictionary,
  convertList,
  encodeDistinctMap,
  encodeDistinctSet,
  encodeMap,
  encodePlainList,
  encodeSet,
} from "./collections.ts";
import { checkDepth, DecodeError } from "./decode_error.ts";
import { copyJson } from "./json.ts";
import { encodeBigint } from "./numbers.ts";
import { isPlain } from "./plain.ts";
import { convertResult, expectRecord, expectTuple, type Fields } from "./records.ts";
import { count, enter } from "./state_walk.ts";
import { checkString } from "./text.ts";

export function storeString(value: unknown): string {
  const text = checkString(value);
  count(text.length);
  return text;
}

export function storeBigint(value: unknown): number | string {
  const wire = encodeBigint(value);
  if (typeof wire === "string") count(wire.length);
  return wire;
}

/** Checks a record whose fields generated code reads; `least` is its size in bytes without their values. */
export function storeRecord(value: unknown, expected: string, least: number): Fields {
  const from = expectRecord(value, expected);
  // The first test fails for records with a field of that name. It takes a third of the time of the second.
  if (from.constructor !== Object && !isPlain(from)) {
    throw new DecodeError(expected, value, `${describeInstance(from)}, not a plain object`);
  }
  enter(from, least);
  return from;
}

/** Runs no code of the instance. */
function describeInstance(value: object): string {
  const descriptor = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value), "constructor");
  const name: unknown = typeof descriptor?.value === "function"
    ? Object.getOwnPropertyDescriptor(descriptor.value, "name")?.value
    : undefined;
  return typeof name === "string" && name !== ""
    ? `an instance of ${name.slice(0, 40)}`
    : "an instance of a class";
}

export function storeTuple(value: unknown, min: number, max: number): readonly unknown[] {
  const list = expectTuple(value, min, max);
  enter(list, 2 * list.length);
  return list;
}

export function storeResult<T, E>(
  value: unknown,
  ok: Convert<T>,
  err: Convert<E>,
  depth = 0,
): { Ok: T } | { Err: E } {
  return convertResult(storeRecord(value, "Result", 8), ok, err, depth);
}

export function storeList<T>(value: unknown, element: Convert<T>, depth = 0): T[] {
  noteList(value);
  return convertList(value, element, depth);
}

/** A list whose elements are their own stored form. */
export function storePlainList(value: unknown, element: Convert<Json>, depth = 0): readonly Json[] {
  noteList(value);
  return encodePlainList(value, element, depth);
}

/** Counts the elements before they are encoded, because a list may have billions of holes. */
function noteList(value: unknown): void {
  if (Array.isArray(value)) enter(value, 2 * value.length);
}

export function storeSet(value: unknown, element: Convert<Json>, depth = 0): Json[] {
  if (value instanceof Set) enter(value, 2 * value.size);
  return encodeSet(value, element, depth);
}

/**
 * For elements of which two different ones may have the same stored form, as numbers that are one as an
 * `f32`.
 */
export function storeDistinctSet(value: unknown, element: Convert<Json>, depth = 0): Json[] {
  if (value instanceof Set) enter(value, 2 * value.size);
  return encodeDistinctSet(value, element, depth);
}

export function storeMap(value: unknown, key: Convert<Json>, item: Convert<Json>, depth = 0): Json[] {
  if (value instanceof Map) enter(value, 6 * value.size);
  return encodeMap(value, key, item, depth);
}

export function storeDistinctMap(value: unknown, key: Convert<Json>, item: Convert<Json>, depth = 0): Json[] {
  if (value instanceof Map) enter(value, 6 * value.size);
  return encodeDistinctMap(value, key, item, depth);
}

export function storeDictionary<T>(value: unknown, item: Convert<T>, depth = 0): { [field: string]: T } {
  const from = storeRecord(value, "object", 2);
  for (const field in from) count(field.length + 4);
  return convertDictionary(from, item, depth);
}

export function storeBytes(value: unknown): string {
  if (value instanceof Uint8Array) enter(value, value.length);
  return encodeBytes(value);
}

export function storeTypedArray<N extends TypedArrayName>(value: unknown, name: N): string {
  if (ArrayBuffer.isView(value)) enter(value, value.byteLength);
  return encodeTypedArray(value, name);
}

export function storeJson(value: unknown, depth = 0): Json {
  if (typeof value === "string") return storeString(value);
  if (typeof value !== "object" || value === null) return copyJson(value);
  checkDepth(depth);
  if (Array.isArray(value)) return storeList(value, storeJson, depth + 1);
  if (!isPlain(value)) throw new DecodeError("JSON", value);
  return storeDictionary(value, storeJson, depth + 1);
}
