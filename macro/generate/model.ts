/**
 * What the generator knows about a process after reading its sources, and the one thing every emitter starts from: the
 * TypeScript module, and the WIT, JSON Schema, OpenAPI and browser client that describe the same contract.
 */
import type { Transport } from "../declare/contract.ts";
import type { TypedArrayName } from "../codec/mod.ts";

export interface ProcessModel {
  readonly className: string;
  /** `todo-list:examples:denizen.os`. */
  readonly id: string;
  readonly keyed: boolean;
  /** The file that declares the class. */
  readonly source: string;
  readonly doc?: string;
  readonly state: readonly Field[];
  readonly handlers: readonly HandlerModel[];
  /** The named types it uses, each after those it is made of, as far as recursion allows. */
  readonly types: readonly NamedType[];
  /** Every file something was read from. */
  readonly sources: readonly string[];
}

export interface HandlerModel {
  readonly tag: string;
  readonly method: string;
  readonly doc?: string;
  readonly transports: readonly Transport[];
  readonly parameters: readonly Parameter[];
  readonly takesContext: boolean;
  /** `"response"`: a web `Response` or `ReadableStream`, which has no wire form. */
  readonly result: Shape | "response";
}

export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly optional: boolean;
}

export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** `"absent"`: the field may be missing (`x?: T`). `"undefined"`: it is there and may be undefined (`x: T | undefined`). */
  readonly optional?: "absent" | "undefined";
  readonly doc?: string;
}

export type IntegerFormat = "u8" | "u16" | "u32" | "i8" | "i16" | "i32";
export type BigintFormat = "u64" | "i64" | "bigint";
/** `finite` is a number in a union with strings. */
export type FloatFormat = "f32" | "f64" | "finite";

/** The structure of a type's values. */
export type Shape =
  | { readonly kind: "integer"; readonly format: IntegerFormat }
  | { readonly kind: "bigint"; readonly format: BigintFormat }
  | { readonly kind: "float"; readonly format: FloatFormat }
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
  /** Values told apart by what they are in JSON. */
  | { readonly kind: "union"; readonly members: readonly Shape[] }
  | { readonly kind: "named"; readonly name: string };

export interface Literal {
  readonly value: string | number | boolean;
  /** How TypeScript names its type where that is not the value itself: `Color.Red`. */
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

/** A type with a name: an interface, an alias or an enum, one for each way its parameters are filled in. */
export interface NamedType {
  /** Unique in the process, and the stem of its functions: `Page_of_Todo`. */
  readonly name: string;
  readonly shape: Shape;
  /** It contains itself. */
  readonly recursive: boolean;
  readonly origin: { readonly file: string; readonly exported: string; readonly arguments: readonly Shape[] };
  readonly doc?: string;
}
