/**
 * The building blocks of generated code: checks and conversions of single values, and the error they throw.
 *
 * Every function checks. `decode…` takes wire form to typed form, `encode…` typed form to wire form, `copy…`
 * typed form to an independent copy, and `store…` typed form to the form that a state is saved in; `check…`
 * and `convert…` serve several of them. What `encode…` and `store…` return may share parts with the value, so
 * it must be written out at once.
 *
 * | type | on the wire |
 * |---|---|
 * | `u8` … `i32`, `string`, `char`, `boolean`, literals, enums | itself |
 * | `f32`, `f64`, `number` | number; `"NaN"`, `"Infinity"`, `"-Infinity"`, `"-0"` |
 * | `u64`, `i64`, `bigint` | number while it is safe, decimal string beyond; both accepted |
 * | `Date` | ISO 8601 with its offset |
 * | `Uint8Array` and its kin | base64 (little-endian); a list of numbers accepted |
 * | lists, tuples | list; an optional element of a tuple that is not given while a later one is: `null` |
 * | `Set` | list; one that names a value twice is refused |
 * | `Map` | object when its keys are strings, else list of pairs; keys named twice are refused |
 * | `T | null`, `Option<T>` | `null` or the value; an absent field is `null` |
 * | optional field | left out; `null` accepted |
 * | `void` | `null` |
 *
 * Encoded values can be decoded. A `Set` or `Map` is refused if two of its entries would become equal on the
 * wire, such as 0.1 and `Math.fround(0.1)` as an `f32`.
 *
 * Some values come back in another, equivalent form: an `f32` is rounded to the nearest one (beyond the
 * largest it is refused); -0 is 0 as an integer, in a union with strings and in `Json`; `undefined` is `null`
 * where the type says `T | null`, and absent in an optional field; fields of a record that its type lacks
 * are dropped, though a wire record with such a field is refused. A number in a union with strings must be
 * finite. Recursive values nest at most {@link NESTING_MAX} levels and hold at most {@link NESTED_VALUES_MAX}
 * others; an integer has at most 100,000 digits.
 *
 * A state differs in three ways. Maps are always pairs: an object puts keys that are whole numbers first,
 * and a restored process must iterate in the same order as before. Each container occurs in one place
 * (state_walk.ts). A record is a plain object, not an instance of a class, which could not be restored.
 *
 * @module
 */
export { checkDepth, DecodeError, describe, inside, NESTED_VALUES_MAX, NESTING_MAX } from "./decode_error.ts";
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
  encodeDistinctMap,
  encodeDistinctSet,
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
  expectGiven,
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
export { encodeState, StateTooLarge } from "./state_walk.ts";
export {
  storeBigint,
  storeBytes,
  storeDictionary,
  storeDistinctMap,
  storeDistinctSet,
  storeJson,
  storeList,
  storeMap,
  storePlainList,
  storeRecord,
  storeResult,
  storeSet,
  storeString,
  storeTuple,
  storeTypedArray,
} from "./stored.ts";
