/**
 * The description of a process from its sources, which is the only input of every emitter. It is plain data,
 * without nodes of the compiler or functions of the app.
 */
import type { HandlerSchema, ProcessSchema, TypeSchema } from "../declare/process_schema.ts";
import type { Shape } from "../declare/shape.ts";

export type {
  HandlerSchema as HandlerModel,
  InitSchema as InitModel,
  ParameterSchema as Parameter,
  SocketSchema as SocketModel,
} from "../declare/process_schema.ts";
export type { Field, Literal, Shape, TaggedCase, TupleElement } from "../declare/shape.ts";

export interface ProcessModel extends Omit<ProcessSchema, "generated" | "format" | "handlers" | "types"> {
  /** The file that declares the class. */
  readonly source: string;
  /** In the order of their declaration. */
  readonly handlers: readonly HandlerSchema[];
  /** The named types it uses, each after its parts, as far as recursion allows. */
  readonly types: readonly NamedType[];
  /** Every file something was read from. */
  readonly sources: readonly string[];
  /** SHA-256, in hex, of what the model was read from. */
  readonly digest: string;
}

/** A named type: an interface, alias or enum, one for each set of type arguments. */
export interface NamedType extends TypeSchema {
  /** Unique in the process, and the stem of its functions: `Page_of_Todo`. */
  readonly name: string;
  readonly origin: { readonly file: string; readonly exported: string; readonly arguments: readonly Shape[] };
}
