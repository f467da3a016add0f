/** Plain JSON values, whose type says nothing more. */
import type { Json } from "../declare/schema.ts";
import { setField } from "./collections.ts";
import { checkDepth, DecodeError, inside } from "./decode_error.ts";

/**
 * A checked, independent copy of a JSON value. Refuses what JSON text cannot hold: `undefined`, functions, symbols, bigints,
 * non-finite numbers, holes in lists and objects that are not plain. -0 becomes 0, as it does in JSON text.
 */
export function copyJson(value: unknown, depth = 0): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (value - value === 0) return value + 0;
      break;
    case "object":
      if (value === null) return null;
      checkDepth(depth);
      if (Array.isArray(value)) return copyElements(value, depth);
      if (isPlain(value)) return copyFields(value as { readonly [field: string]: unknown }, depth);
  }
  throw new DecodeError("JSON", value);
}

function copyElements(from: readonly unknown[], depth: number): Json[] {
  const list: Json[] = [];
  let at = 0;
  try {
    for (; at < from.length; at++) list.push(copyJson(from[at], depth + 1));
  } catch (error) {
    throw inside(error, at);
  }
  return list;
}

function copyFields(from: { readonly [field: string]: unknown }, depth: number): Json {
  const record: { [field: string]: Json } = {};
  for (const field of Object.keys(from)) {
    try {
      setField(record, field, copyJson(from[field], depth + 1));
    } catch (error) {
      throw inside(error, field);
    }
  }
  return record;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
