/** Shapes: the types of a contract, as plain data. */
import type { TypedArrayName } from "../codec/bytes.ts";

type IntegerFormat = "u8" | "u16" | "u32" | "i8" | "i16" | "i32";
type BigintFormat = "u64" | "i64" | "bigint";
/** `finite` is the format of numbers in a union with strings. */
type FloatFormat = "f32" | "f64" | "finite";

/** The structure of a type's values. */
export type Shape =
  /** A whole number from `minimum` to `maximum`. */
  | {
    readonly kind: "integer";
    readonly format: IntegerFormat;
    readonly minimum: number;
    readonly maximum: number;
  }
  /** A whole number; the limits, in decimal, are absent for a `bigint`. */
  | {
    readonly kind: "bigint";
    readonly format: BigintFormat;
    readonly minimum?: string;
    readonly maximum?: string;
  }
  | { readonly kind: "float"; readonly format: FloatFormat }
  /** A `char` is a string of one Unicode scalar value. */
  | { readonly kind: "string" | "char" | "boolean" | "null" | "void" | "date" | "bytes" | "json" }
  | { readonly kind: "typedArray"; readonly array: TypedArrayName }
  | { readonly kind: "enum"; readonly values: readonly Literal[] }
  | { readonly kind: "list" | "set"; readonly element: Shape; readonly readonly: boolean }
  | { readonly kind: "map"; readonly key: Shape; readonly value: Shape; readonly readonly: boolean }
  | { readonly kind: "dictionary"; readonly value: Shape }
  | { readonly kind: "tuple"; readonly elements: readonly TupleElement[]; readonly readonly: boolean }
  | { readonly kind: "record"; readonly fields: readonly Field[] }
  | { readonly kind: "option"; readonly inner: Shape }
  | { readonly kind: "result"; readonly ok: Shape; readonly err: Shape }
  /** Records told apart by the literal in one field. */
  | { readonly kind: "tagged"; readonly discriminator: string; readonly cases: readonly TaggedCase[] }
  /** Values that differ in their JSON type. */
  | { readonly kind: "union"; readonly members: readonly Shape[] }
  /** A type listed in the process's `types`. */
  | { readonly kind: "named"; readonly name: string };

export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /**
   * `"absent"`: the field may be missing (`x?: T`). `"undefined"`: it is there and may be undefined
   * (`x: T | undefined`).
   */
  readonly optional?: "absent" | "undefined";
  readonly doc?: string;
}

export interface Literal {
  readonly value: string | number | boolean;
  /** The TypeScript name of its type, if that is not the value itself: `Color.Red`. */
  readonly member?: { readonly enum: string; readonly name: string };
}

export interface TupleElement {
  readonly shape: Shape;
  readonly optional: boolean;
}

export interface TaggedCase {
  readonly values: readonly Literal[];
  readonly shape: Shape;
}
