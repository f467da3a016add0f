/**
 * Hosts processes: starts a node, calls its processes, and gives their handlers a context.
 *
 * @module
 */
export { type DrainOptions } from "./node/drain.ts";
export { hostDefinitions, Node, type NodeOptions, startNode } from "./node/node.ts";
export { loadApp } from "./node/app_loader.ts";
export {
  type ClassDefinition,
  define,
  exportedClass,
  type ProcessClass,
} from "./process/class_definition.ts";
export type { Definition } from "./process/definition.ts";
export type { Context, HttpExchange, Sockets, WsData, WsEvent } from "./process/context.ts";
export type {
  ActorOptions,
  PackActor,
  PackHost,
  Packs,
  PortValues,
  RunOptions,
  Template,
  TemplateTypes,
  UntypedTemplate,
} from "./process/packs.ts";
export type { IsolationMode } from "./pack/carrier_choice.ts";
export { findPacks, type PackSources } from "./pack/bundle/find.ts";
export type { PackInfo } from "./pack/loaded_pack.ts";
export type { PackIdentity, PackMode, PackRequest, TemplateMount } from "./pack/bundle/pack_settings.ts";
export { PackTable, type PackTableOptions } from "./pack/pack_table.ts";
export { type TemplateStub, templateStub } from "./pack/template_process.ts";
export type { Caller, CallOptions } from "./process/caller.ts";
export { type SendResult, type SendStatus, unwrap } from "./message/send_result.ts";
export type { DefinitionInfo, ProcessInfo } from "./http/node_info.ts";
export {
  DenizenError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorData,
  type NextAction,
  Refusal,
} from "./errors.ts";
export { escapeUnprintable, withoutUnprintable } from "./printable.ts";
export { type Address, formatAddress, idOf, keyedId, parseAddress } from "./address.ts";
export { type Cancel, type Clock, systemClock } from "./world/clock.ts";
export { denoDisk } from "./world/deno_disk.ts";
export { denoNetwork } from "./world/deno_network.ts";
export type { Disk, DiskFile, DiskOpenOptions } from "./world/disk.ts";
export type {
  Connection,
  ConnectOptions,
  Handle,
  Listener,
  ListenOptions,
  Network,
  Socket,
  SocketData,
  SocketEvents,
  SocketOptions,
  Upgrade,
} from "./world/network.ts";
export type { World } from "./world/world.ts";
export {
  createLog,
  jsonSink,
  type Log,
  type LogFields,
  type LogLevel,
  type LogLine,
  type LogSink,
  silentSink,
  textSink,
} from "./log.ts";
