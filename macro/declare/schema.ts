/**
 * The types a contract may use beyond TypeScript's own.
 *
 * Each is a plain alias, so a value needs no wrapper; the generator reads the *name* in the declaration and
 * emits the range check and the wire form that belong to it.
 */

/** Whole number from 0 to 255. */
export type u8 = number;
/** Whole number from 0 to 65,535. */
export type u16 = number;
/** Whole number from 0 to 4,294,967,295. */
export type u32 = number;
/** Whole number from 0 to 2^64 - 1. On the wire a number while it is safe, a decimal string beyond. */
export type u64 = bigint;
/** Whole number from -128 to 127. */
export type i8 = number;
/** Whole number from -32,768 to 32,767. */
export type i16 = number;
/** Whole number from -2,147,483,648 to 2,147,483,647. */
export type i32 = number;
/** Whole number from -2^63 to 2^63 - 1. On the wire a number while it is safe, a decimal string beyond. */
export type i64 = bigint;
/** A number that a 32-bit float holds; others are rounded to the nearest one. */
export type f32 = number;
/** Any number. On the wire NaN and the infinities are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export type f64 = number;
/** One Unicode scalar value, as a string. */
export type char = string;

/** A value that may be absent. Reads as `T | null`; an absent field of a record is accepted as `null`. */
export type Option<T> = T | null;

/**
 * The outcome of something that can fail for a reason the caller should handle: `{ Ok: value }` or
 * `{ Err: reason }`.
 */
export type Result<T, E> = { Ok: T } | { Err: E };

/** What a contract's values look like on the wire. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [field: string]: Json };
