/** The first and last steps of generated conversions of records, tuples and arguments. */
import type { Json } from "../declare/schema.ts";
import type { Convert } from "./collections.ts";
import { DecodeError, inside } from "./decode_error.ts";

/** Checks that a value is an object whose fields can be read by name. */
export type Fields = { readonly [field: string]: unknown };

/** What generated code fills field by field: the same record, open for writing. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function expectRecord(value: unknown, expected: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new DecodeError(expected, value);
}

/**
 * A field with a name that every object inherits, such as `constructor`: absent unless the record owns it.
 */
export function ownField(from: Fields, field: string): unknown {
  return Object.hasOwn(from, field) ? from[field] : undefined;
}

export function countFields(from: Fields): number {
  let count = 0;
  for (const _field in from) count++;
  return count;
}

/** Called when a record has more fields than were read: finds the unknown one. */
export function refuseUnknown(from: Fields, known: readonly string[]): void {
  for (const field of Object.keys(from)) {
    if (!known.includes(field)) {
      const names = known.length === 0 ? "none" : known.join(", ");
      throw inside(new DecodeError(`no field of this name (known: ${names})`, from[field]), field);
    }
  }
}

/** The one value of a literal type. */
export function checkLiteral<const T extends string | number | boolean>(value: unknown, literal: T): T {
  if (value === literal) return literal;
  throw new DecodeError(JSON.stringify(literal), value);
}

/** `{ Ok: value }` or `{ Err: reason }`, in any direction. */
export function convertResult<T, E>(
  value: unknown,
  ok: Convert<T>,
  err: Convert<E>,
  depth = 0,
): { Ok: T } | { Err: E } {
  const from = expectRecord(value, "Result");
  const only = Object.keys(from).length === 1;
  if (only && Object.hasOwn(from, "Ok")) {
    try {
      return { Ok: ok(from.Ok, depth) };
    } catch (error) {
      throw inside(error, "Ok");
    }
  }
  if (only && Object.hasOwn(from, "Err")) {
    try {
      return { Err: err(from.Err, depth) };
    } catch (error) {
      throw inside(error, "Err");
    }
  }
  throw new DecodeError('either "Ok" or "Err"', value);
}

/** A tuple of `min` to `max` elements. */
export function expectTuple(value: unknown, min: number, max: number): readonly unknown[] {
  if (Array.isArray(value) && value.length >= min && value.length <= max) return value;
  throw new DecodeError(`list of ${min === max ? min : `${min} to ${max}`}`, value);
}

/** An element that may be left out only together with those after it, as `null` would be a value of it. */
export function expectGiven(value: unknown): void {
  if (value === undefined) throw new DecodeError("a value, or a shorter list", undefined);
}

/** The arguments of a method without parameters: nothing, `null`, `{}` or `[]`. */
export function expectNoArguments(wire: unknown, tag: string): void {
  if (wire === undefined || wire === null) return;
  if (typeof wire === "object" && Object.keys(wire).length === 0) return;
  throw inside(new DecodeError("no arguments", wire), tag);
}

/** The arguments of a method with several: a list, from which the last optional ones may be missing. */
export function expectArguments(wire: unknown, tag: string, min: number, max: number): readonly unknown[] {
  if (wire === undefined && min === 0) return [];
  if (Array.isArray(wire) && wire.length >= min && wire.length <= max) return wire;
  const count = min === max ? `${min}` : `${min} to ${max}`;
  throw inside(new DecodeError(`list of ${count} arguments`, wire), tag);
}

/** Wire arguments without trailing `undefined`; the first `needed` always stay. */
export function trimArguments(wire: Json[], args: readonly unknown[], needed: number): Json[] {
  let length = wire.length;
  while (length > needed && args[length - 1] === undefined) length--;
  wire.length = length;
  return wire;
}

/** For the methods that return a web `Response`. */
export function refuseWireForm(_value: unknown): never {
  throw new DecodeError("a value with a wire form (the method answers HTTP requests itself)", undefined);
}
