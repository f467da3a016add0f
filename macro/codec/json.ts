/** Plain JSON values, without a more precise type. */
import type { Json } from "../declare/schema.ts";
import { convertDictionary, convertList } from "./collections.ts";
import { checkDepth, DecodeError } from "./decode_error.ts";
import { isPlain } from "./plain.ts";

/**
 * A checked, independent copy of a JSON value. Refuses what JSON text cannot hold: `undefined`, functions,
 * symbols, bigints, non-finite numbers, holes in lists and objects that are not plain. -0 becomes 0, as it
 * does in JSON text.
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
      if (Array.isArray(value)) return convertList(value, copyJson, depth + 1);
      if (isPlain(value)) return convertDictionary(value, copyJson, depth + 1);
  }
  throw new DecodeError("JSON", value);
}
