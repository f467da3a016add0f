/** Strings, booleans, `null` and `void`. */
import { DecodeError } from "./decode_error.ts";

export function checkString(value: unknown): string {
  if (typeof value === "string") return value;
  throw new DecodeError("string", value);
}

/** One Unicode scalar value, which a lone surrogate is not. */
export function checkChar(value: unknown): string {
  if (typeof value === "string") {
    const code = value.codePointAt(0);
    if (code !== undefined && (code < 0xd800 || code > 0xdfff) && value.length === (code > 0xffff ? 2 : 1)) {
      return value;
    }
  }
  throw new DecodeError("char", value);
}

export function checkBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new DecodeError("boolean", value);
}

export function checkNull(value: unknown): null {
  if (value === null) return null;
  throw new DecodeError("null", value);
}

/** The result of a `void` method is ignored: it travels as `null`. */
export function encodeVoid(_value: unknown): null {
  return null;
}

export function copyVoid(_value: unknown): void {}

export function decodeVoid(wire: unknown): void {
  if (wire !== null && wire !== undefined) throw new DecodeError("null", wire);
}
