/**
 * What generated code is built from: the checks and conversions of single values, and the error they throw.
 *
 * Every function checks. `decode…` takes wire form to typed form, `encode…` typed form to wire form, `copy…` typed form to an
 * independent copy; `check…` and `convert…` serve all three. What `encode…` returns may share parts with the value, so it
 * is to be written out at once.
 *
 * | type | on the wire |
 * |---|---|
 * | `u8` … `i32`, `string`, `char`, `boolean`, literals, enums | itself |
 * | `f32`, `f64`, `number` | number; `"NaN"`, `"Infinity"`, `"-Infinity"`, `"-0"` |
 * | `u64`, `i64`, `bigint` | number while it is safe, decimal string beyond; both accepted |
 * | `Date` | ISO 8601 with its offset |
 * | `Uint8Array` and its kin | base64 (little-endian); a list of numbers accepted |
 * | lists, tuples | list |
 * | `Set` | list; one that names a value twice is refused |
 * | `Map` | object when its keys are strings, else list of pairs; keys named twice are refused |
 * | `T | null`, `Option<T>` | `null` or the value; an absent field is `null` |
 * | optional field | left out; `null` accepted |
 * | `void` | `null` |
 *
 * Where a form has limits: an `f32` beyond the largest is refused rather than made infinite; a number in a union with strings
 * is finite, and -0 is 0 there and in `Json`; an integer that is -0 becomes 0. An object keeps the order of a map but for keys
 * that are whole numbers, which every JavaScript object puts first; saved state therefore holds maps as pairs, always, so that
 * a process that was restored iterates as it did before. Recursive values nest at most {@link NESTING_MAX} levels. A typed
 * record may have more fields than its type: they are left behind. A wire record may not.
 *
 * @module
 */
export { checkDepth, DecodeError, describe, inside, NESTING_MAX } from "./decode_error.ts";
export {
  checkBigint,
  checkF32,
  checkF64,
  checkFinite,
  checkI16,
  checkI32,
  checkI64,
  checkI8,
  checkU16,
  checkU32,
  checkU64,
  checkU8,
  decodeBigint,
  decodeF32,
  decodeF64,
  decodeI64,
  decodeU64,
  encodeBigint,
  encodeF32,
  encodeF64,
  encodeI64,
  encodeU64,
} from "./numbers.ts";
export { checkBoolean, checkChar, checkNull, checkString, copyVoid, decodeVoid, encodeVoid } from "./text.ts";
export { copyDate, decodeDate, encodeDate } from "./dates.ts";
export {
  copyBytes,
  copyTypedArray,
  decodeBytes,
  decodeTypedArray,
  encodeBytes,
  encodeTypedArray,
  TYPED_ARRAY_NAMES,
  type TypedArrayName,
} from "./bytes.ts";
export {
  type Convert,
  convertDictionary,
  convertList,
  copyMap,
  copySet,
  decodeMap,
  decodeSet,
  decodeTextMap,
  encodeMap,
  encodePlainList,
  encodeSet,
  encodeTextMap,
  setField,
} from "./collections.ts";
export {
  checkLiteral,
  convertResult,
  countFields,
  expectArguments,
  expectNoArguments,
  expectRecord,
  expectTuple,
  type Fields,
  ownField,
  refuseUnknown,
  refuseWireForm,
  trimArguments,
  type Writable,
} from "./records.ts";
export { copyJson } from "./json.ts";
