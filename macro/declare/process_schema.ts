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
  /** The name that people see. */
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
  /** Seconds, if the declaration sets it; `"Infinity"` means never. */
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
  /** The comment without its `@param` and `@returns`, which are in `parameters` and `resultDoc`. */
  readonly doc?: string;
  /** Who can reach it: HTTP clients, processes of the same node, or processes of other nodes. */
  readonly transports: readonly Transport[];
  /** The effective policy: its own, or the process's. */
  readonly save: SavePolicy;
  /** A path of its own, under the process's address. */
  readonly route?: { readonly method: HttpMethod; readonly path: string };
  /** The only HTTP method its tag answers to. */
  readonly httpMethod?: HttpMethod;
  /** All but the context. */
  readonly parameters: readonly ParameterSchema[];
  readonly takesContext: boolean;
  /** `"response"`: a web `Response` or `ReadableStream`, which has no wire form. */
  readonly result: Shape | "response";
  /** The text of `@returns`. */
  readonly resultDoc?: string;
}

export interface ParameterSchema {
  readonly name: string;
  readonly shape: Shape;
  readonly optional: boolean;
  /** In wire form; absent if there is no default or it is computed with each call. */
  readonly default?: Json;
  readonly doc?: string;
}

export interface InitSchema {
  readonly method: string;
  readonly doc?: string;
  readonly takesContext: boolean;
}

/** The `@ws` method, and the messages that WebSockets carry. */
export interface SocketSchema {
  readonly method: string;
  readonly doc?: string;
  readonly takesContext: boolean;
  /** What clients may send. */
  readonly receives: readonly ("text" | "binary")[];
  /** What the process may send; `json` travels as text. */
  readonly sends: readonly ("text" | "binary" | "json")[];
}

export interface TypeSchema {
  readonly shape: Shape;
  /** The type contains itself. */
  readonly recursive: boolean;
  readonly doc?: string;
}
