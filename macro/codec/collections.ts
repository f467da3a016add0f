/**
 * Lists, sets, maps, dictionaries. Each takes the conversions of its parts as functions, which generated
 * code names, and passes them `depth`, which only recursive types use.
 */
import type { Json } from "../declare/schema.ts";
import { DecodeError, inside } from "./decode_error.ts";

/** One direction of one type. */
export type Convert<T> = (value: unknown, depth: number) => T;

function expectArray(value: unknown, expected: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new DecodeError(expected, value);
}

/** A list whose elements are converted one by one, in any direction. A hole counts as `undefined`. */
export function convertList<T>(value: unknown, element: Convert<T>, depth = 0): T[] {
  const from = expectArray(value, "list");
  const list: T[] = [];
  let at = 0;
  try {
    for (; at < from.length; at++) list.push(element(from[at], depth));
  } catch (error) {
    throw inside(error, at);
  }
  return list;
}

/** A list whose elements are their own wire form: checked, and returned unchanged. */
export function encodePlainList(value: unknown, element: Convert<Json>, depth = 0): readonly Json[] {
  const list = expectArray(value, "list");
  let at = 0;
  try {
    for (; at < list.length; at++) element(list[at], depth);
  } catch (error) {
    throw inside(error, at);
  }
  return list as readonly Json[];
}

/** A set is a list on the wire. A duplicate value is refused: the sender did not mean a set. */
export function decodeSet<T>(wire: unknown, element: Convert<T>, depth = 0): Set<T> {
  const from = expectArray(wire, "list");
  const set = new Set<T>();
  let at = 0;
  try {
    for (; at < from.length; at++) {
      set.add(element(from[at], depth));
      if (set.size !== at + 1) throw new DecodeError("each value once", from[at]);
    }
  } catch (error) {
    throw inside(error, at);
  }
  return set;
}

function expectSet(value: unknown): ReadonlySet<unknown> {
  if (value instanceof Set) return value;
  throw new DecodeError("Set", value);
}

export function encodeSet(value: unknown, element: Convert<Json>, depth = 0): Json[] {
  return convertList([...expectSet(value)], element, depth);
}

/**
 * For elements of which two different ones may have the same wire form, as numbers that are one as an `f32`.
 */
export function encodeDistinctSet(value: unknown, element: Convert<Json>, depth = 0): Json[] {
  const wires = encodeSet(value, element, depth);
  refuseRepeated(expectSet(value), wires, "each value once");
  return wires;
}

/**
 * Refuses what {@link decodeSet} and {@link decodeMap} would: primitives that are there twice. Objects are
 * distinct however alike they are.
 *
 * @param values the members or keys that `wires` were made of.
 */
function refuseRepeated(values: Iterable<unknown>, wires: readonly Json[], expected: string): void {
  const seen = new Set<Json>();
  let at = 0;
  for (const value of values) {
    if (typeof value !== "object" || value === null) {
      const wire = wires[at]!;
      if (seen.has(wire)) throw inside(new DecodeError(expected, wire), at);
      seen.add(wire);
    }
    at++;
  }
}

export function copySet<T>(value: unknown, element: Convert<T>, depth = 0): Set<T> {
  const set = new Set<T>();
  let at = 0;
  try {
    for (const item of expectSet(value)) {
      set.add(element(item, depth));
      if (set.size !== at + 1) throw new DecodeError("each value once", item);
      at++;
    }
  } catch (error) {
    throw inside(error, at);
  }
  return set;
}

/** A map with keys other than strings is a list of pairs on the wire. */
export function decodeMap<K, V>(wire: unknown, key: Convert<K>, value: Convert<V>, depth = 0): Map<K, V> {
  const from = expectArray(wire, "list of pairs");
  const map = new Map<K, V>();
  let at = 0;
  try {
    for (; at < from.length; at++) {
      const pair = from[at];
      if (!Array.isArray(pair) || pair.length !== 2) throw new DecodeError("pair of key and value", pair);
      let side = 0;
      try {
        const name = key(pair[0], depth);
        side = 1;
        map.set(name, value(pair[1], depth));
      } catch (error) {
        throw inside(error, side);
      }
      if (map.size !== at + 1) throw new DecodeError("each key once", pair[0]);
    }
  } catch (error) {
    throw inside(error, at);
  }
  return map;
}

function expectMap(value: unknown): ReadonlyMap<unknown, unknown> {
  if (value instanceof Map) return value;
  throw new DecodeError("Map", value);
}

export function encodeMap(value: unknown, key: Convert<Json>, item: Convert<Json>, depth = 0): Json[] {
  const pairs: Json[] = [];
  try {
    for (const [name, content] of expectMap(value)) pairs.push([key(name, depth), item(content, depth)]);
  } catch (error) {
    throw inside(error, pairs.length);
  }
  return pairs;
}

/** For keys of which two different ones may have the same wire form. */
export function encodeDistinctMap(
  value: unknown,
  key: Convert<Json>,
  item: Convert<Json>,
  depth = 0,
): Json[] {
  const pairs = encodeMap(value, key, item, depth);
  refuseRepeated(expectMap(value).keys(), pairs.map((pair) => (pair as Json[])[0]!), "each key once");
  return pairs;
}

export function copyMap<K, V>(value: unknown, key: Convert<K>, item: Convert<V>, depth = 0): Map<K, V> {
  const map = new Map<K, V>();
  let at = 0;
  try {
    for (const [name, content] of expectMap(value)) {
      map.set(key(name, depth), item(content, depth));
      if (map.size !== at + 1) throw new DecodeError("each key once", name);
      at++;
    }
  } catch (error) {
    throw inside(error, at);
  }
  return map;
}

/** Sets an own field of any name: `__proto__` must not become the prototype. */
export function setField<T>(record: { [field: string]: T }, field: string, value: T): void {
  if (field === "__proto__") {
    Object.defineProperty(record, field, { value, configurable: true, enumerable: true, writable: true });
  } else record[field] = value;
}

function expectObject(value: unknown, expected: string): { readonly [field: string]: unknown } {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as { readonly [field: string]: unknown };
  }
  throw new DecodeError(expected, value);
}

/**
 * A map whose keys are strings is an object on the wire; pairs, which keep the order of keys like "7", are
 * accepted.
 */
export function decodeTextMap<K extends string, V>(
  wire: unknown,
  key: Convert<K>,
  value: Convert<V>,
  depth = 0,
): Map<K, V> {
  if (Array.isArray(wire)) return decodeMap(wire, key, value, depth);
  const from = expectObject(wire, "object");
  const map = new Map<K, V>();
  for (const field of Object.keys(from)) {
    try {
      map.set(key(field, depth), value(from[field], depth));
    } catch (error) {
      throw inside(error, field);
    }
  }
  return map;
}

export function encodeTextMap(
  value: unknown,
  key: Convert<string>,
  item: Convert<Json>,
  depth = 0,
): { [field: string]: Json } {
  const record: { [field: string]: Json } = {};
  let at = 0;
  for (const [name, content] of expectMap(value)) {
    try {
      setField(record, key(name, depth), item(content, depth));
    } catch (error) {
      throw inside(error, typeof name === "string" ? name : at);
    }
    at++;
  }
  return record;
}

/** A `Record<string, T>`, in any direction: an object whose own fields are converted one by one. */
export function convertDictionary<T>(value: unknown, item: Convert<T>, depth = 0): { [field: string]: T } {
  const from = expectObject(value, "object");
  const record: { [field: string]: T } = {};
  for (const field of Object.keys(from)) {
    try {
      setField(record, field, item(from[field], depth));
    } catch (error) {
      throw inside(error, field);
    }
  }
  return record;
}
