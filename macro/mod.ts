/**
 * Declares processes: decorators, schema types, save policies and bindings.
 *
 * @example A counter that survives a kill
 * ```ts
 * import { Http, http, local, process, Save, type u32 } from "@denizen/macro";
 *
 * @process({ name: "Counter", endpoints: [Http("/api")], save: Save.everyMessage })
 * export class Counter {
 *   count: u32 = 0;
 *
 *   @http @local increment(by: u32): u32 {
 *     return this.count += by;
 *   }
 * }
 * ```
 *
 * @module
 */
export { http, init, local, process, ws } from "./declare/decorators.ts";
export { type NameRule, PACKAGE_NAME, PROCESS_NAME, PUBLISHER_NAME } from "./declare/address_names.ts";
export { type Endpoint, Http, Ws } from "./declare/bindings.ts";
export { Save, type SavePolicy } from "./declare/save.ts";
export type {
  char,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  Json,
  Option,
  Result,
  u16,
  u32,
  u64,
  u8,
} from "./declare/schema.ts";
export {
  type Declaration,
  DeclarationError,
  declarationOf,
  type HandlerDeclaration,
} from "./declare/declaration.ts";
export { BODILESS_METHODS, HTTP_METHODS, type HttpMethod } from "./declare/http_methods.ts";
export type { HandlerOptions, HttpOptions, Migration, ProcessOptions } from "./declare/options.ts";
export type {
  HandlerSchema,
  InitSchema,
  ParameterSchema,
  ProcessSchema,
  SocketSchema,
  TypeSchema,
} from "./declare/process_schema.ts";
export type { Field, Literal, Shape, TaggedCase, TupleElement } from "./declare/shape.ts";
export type { Transport } from "./declare/transport.ts";
export {
  type Contract,
  CONTRACT_FORMAT,
  type HandlerContract,
  type ParameterContract,
  type StateContract,
} from "./declare/contract.ts";
export { DecodeError, StateTooLarge } from "./codec/mod.ts";
