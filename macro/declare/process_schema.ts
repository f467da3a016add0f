/**
 * Everything the generator knows about a process, as the JSON data of `generated/<name>.schema.json`. A
 * generated contract loads it on demand.
 */
import type { Endpoint } from "./bindings.ts";
import type { HttpMethod } from "./http_methods.ts";
import type { SavePolicy } from "./save.ts";
import type { Json } from "./schema.ts";
import type { Field, Shape } from "./shape.ts";
import type { Transport } from "./transport.ts";

export interface ProcessSchema {
  /** Which command wrote the file, and from what. */
  readonly generated: string;
  /** The contract format it belongs to. */
  readonly format: number;
  /** `todo-list:examples:denizen.os`. */
  readonly id: string;
  readonly className: string;
  /** What people see. */
  readonly name: string;
  readonly doc?: string;
  readonly keyed: boolean;
  readonly turns: "serial" | "interleaved";
  /** The policy of handlers that have none of their own. */
  readonly save: SavePolicy;
  /** The version of the state's shape. */
  readonly version: number;
  /** The versions that have a migration to the next one, ascending. */
  readonly migrations: readonly number[];
  /** Seconds, if the declaration sets it; `"Infinity"` is never. */
  readonly passivateAfter?: number | "Infinity";
  /** A folder, relative to the source file. */
  readonly ui?: string;
  readonly endpoints: readonly Endpoint[];
  /** The saved fields, in the order of their declaration. */
  readonly state: readonly Field[];
  /** The fields that belong to the class and not to its state; an old record may still have them. */
  readonly constants: readonly string[];
  readonly init?: InitSchema;
  readonly socket?: SocketSchema;
  /** By tag. */
  readonly handlers: { readonly [tag: string]: HandlerSchema };
  /** The named types that shapes refer to. */
  readonly types: { readonly [name: string]: TypeSchema };
}

export interface HandlerSchema {
  readonly tag: string;
  readonly method: string;
  /** Without the `@param` and `@returns` of the comment. */
  readonly doc?: string;
  /** Who can reach it: HTTP clients, processes of the same node, or processes of other nodes. */
  readonly transports: readonly Transport[];
  /** The policy that applies: its own, or the process's. */
  readonly save: SavePolicy;
  /** A path of its own, under the process's address. */
  readonly route?: { readonly method: HttpMethod; readonly path: string };
  /** The only HTTP method its tag answers to. */
  readonly httpMethod?: HttpMethod;
  /** Without the context. */
  readonly parameters: readonly ParameterSchema[];
  readonly takesContext: boolean;
  /** `"response"`: a web `Response` or `ReadableStream`, which has no wire form. */
  readonly result: Shape | "response";
  /** What its comment says under `@returns`. */
  readonly resultDoc?: string;
}

export interface ParameterSchema {
  readonly name: string;
  readonly shape: Shape;
  readonly optional: boolean;
  /** In wire form, where the default is a constant. */
  readonly default?: Json;
  readonly doc?: string;
}

export interface InitSchema {
  readonly method: string;
  readonly doc?: string;
  readonly takesContext: boolean;
}

/** What a process exchanges over WebSockets. */
export interface SocketSchema {
  readonly method: string;
  readonly doc?: string;
  readonly takesContext: boolean;
  /** The forms of a message that reach the method. */
  readonly receives: readonly ("text" | "binary")[];
  /** The forms of what it can send; JSON goes out as text. */
  readonly sends: readonly ("text" | "binary" | "json")[];
}

export interface TypeSchema {
  readonly shape: Shape;
  /** It contains itself. */
  readonly recursive: boolean;
  readonly doc?: string;
}
