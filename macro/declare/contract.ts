/**
 * What a generated module contains for one process: the names, checks and conversions that follow from its
 * types. At run time the options of the decorators come from the class itself (`declaration.ts`); the two
 * meet in `runtime/process/definition.ts`.
 *
 * Values take three forms. *Wire*: what `JSON.parse` returns. *Typed*: what the methods take and return.
 * *Copy*: a typed value that shares nothing mutable with its original. Conversions throw `DecodeError`
 * (`codec/decode_error.ts`), which carries the path of the wrong value.
 */
import type { ProcessSchema } from "./process_schema.ts";
import type { Json } from "./schema.ts";
import type { Transport } from "./transport.ts";

/** The version of this interface; a module generated for another one is stale. */
export const CONTRACT_FORMAT = 2;

export interface Contract {
  readonly format: number;
  /**
   * The definition's id: `Counter` in package `examples` of `denizen.os` is `counter:examples:denizen.os`,
   * `TodoList` `todo-list:…`.
   */
  readonly id: string;
  readonly className: string;
  /** SHA-256, in hex, of the sources this contract was generated from. */
  readonly digest: string;
  readonly state: StateContract;
  /** By tag, the CamelCase of the method's name: `increment` is `Increment`. */
  readonly handlers: { readonly [tag: string]: HandlerContract };
  /** Loads what the generator knows about the process, from a file of its own, so a start does not pay. */
  schema(): Promise<ProcessSchema>;
}

export interface StateContract {
  /** The saved fields, in the order of their declaration. */
  readonly fields: readonly string[];
  /**
   * The fields of `instance` as they are stored. The result shares parts with the state, so it must be
   * written out at once.
   *
   * @param bytesMax the bound on the state's size in UTF-8. Default: none. A state that is certainly larger
   * is refused while it is encoded; one slightly above is detected when it is written.
   * @throws {DecodeError} if a value does not fit its type, or could not be read back unchanged.
   * @throws {StateTooLarge} a `DecodeError`, if the bound is passed.
   */
  encode(instance: object, bytesMax?: number): { readonly [field: string]: Json };
  /**
   * Sets the fields of `instance` from wire form. A field missing in `value` keeps its initial value; a
   * field that the class no longer has is an error, because dropping it would lose data. A field that is now
   * a constant of the class is ignored.
   */
  decode(instance: object, value: unknown): void;
}

export interface HandlerContract {
  readonly tag: string;
  readonly method: string;
  readonly transports: readonly Transport[];
  /** Parameters without the context. */
  readonly parameters: readonly ParameterContract[];
  /** The method's last parameter is the `Context`. */
  readonly takesContext: boolean;
  /** The method returns a `Response` or `ReadableStream`, which has no wire form: HTTP only. */
  readonly returnsResponse: boolean;
  /** Wire arguments (the value of the tag) to typed ones. */
  decodeArguments(wire: unknown): unknown[];
  /** Typed arguments to the value of the tag. */
  encodeArguments(args: readonly unknown[]): Json;
  /** Checked, independent copies of typed arguments. */
  copyArguments(args: readonly unknown[]): unknown[];
  encodeResult(value: unknown): Json;
  decodeResult(wire: unknown): unknown;
  copyResult(value: unknown): unknown;
}

export interface ParameterContract {
  readonly name: string;
  /** Whether it may be omitted. */
  readonly optional: boolean;
  /** The wire form is a string, so text in a path or query is the value itself; otherwise it is JSON. */
  readonly text: boolean;
  /** A `Uint8Array`, which a routed handler takes from a raw body. */
  readonly bytes: boolean;
  decode(wire: unknown): unknown;
}
