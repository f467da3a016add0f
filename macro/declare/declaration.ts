/**
 * What the decorators record about a class, and the rules a declaration must keep. The runtime reads it back with
 * {@link declarationOf}; nothing here looks at types, that is the generator's part.
 */
import type { Endpoint } from "./bindings.ts";
import type { Transport } from "./contract.ts";
import type { SavePolicy } from "./save.ts";

export const HTTP_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;
export type HttpMethod = typeof HTTP_METHODS[number];
const BODILESS_METHODS: ReadonlySet<HttpMethod> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Takes a state of one version, as stored, and returns it as the next version stores it. */
// deno-lint-ignore no-explicit-any -- the shape of an old version exists nowhere any more
export type Migration = (state: any) => unknown;

export interface ProcessOptions {
  /** What people see. Required. */
  name: string;
  /** The paths it is bound to, under its own address. Default: none. */
  endpoints?: readonly Endpoint[];
  /** When its state becomes durable. Default: `Save.everyMessage`. */
  save?: SavePolicy;
  /** One process per key, brought to life by its first message. Default: false, one process started with the node. */
  keyed?: boolean;
  /**
   * Whether handlers may overlap at their awaits. `"serial"` (default) runs one handler at a time and undoes the changes of
   * one that throws; `"interleaved"` starts each message at once, as Hyperware does, and undoes nothing.
   */
  turns?: "serial" | "interleaved";
  /** A folder, relative to the source file, served under the process's own address. Default: none. */
  ui?: string;
  /** The version of the state's shape. Default: 1. */
  version?: number;
  /** `{ 1: (old) => new }` takes a stored state of version 1 to version 2. One for every version since the oldest stored. */
  migrations?: Readonly<Record<number, Migration>>;
  /**
   * Seconds without a message after which a keyed process leaves memory; its next message brings it back. Default: 300, and
   * never for `Save.never`, whose state would be lost.
   */
  passivateAfter?: number;
}

export interface HandlerOptions {
  /** Overrides the process's save policy for this handler. */
  save?: SavePolicy;
}

export interface HttpOptions extends HandlerOptions {
  /** The only method it answers. Default: any that carries a body for an endpoint, `GET` for a path of its own. */
  method?: HttpMethod;
  /** A path of its own, under the process's address. `:name` and `*` match as they do in hono. Default: none, it is called by tag. */
  path?: string;
}

export interface HandlerDeclaration {
  readonly method: string;
  readonly transports: Set<Transport>;
  save?: SavePolicy;
  route?: { readonly method: HttpMethod; readonly path: string };
  httpMethod?: HttpMethod;
}

/** Everything the decorators of one class said. */
export interface Declaration {
  readonly className: string;
  readonly options: ProcessOptions;
  readonly handlers: ReadonlyMap<string, HandlerDeclaration>;
  readonly init?: string;
  readonly socket?: string;
}

/** A class that cannot be a process, because its decorators contradict each other. The text names class, method and fix. */
export class DeclarationError extends Error {
  override name = "DeclarationError";
}

interface Draft {
  handlers: Map<string, HandlerDeclaration>;
  init?: string;
  socket?: string;
  routes: Map<string, string>;
  /** The first contradiction. Only `@process`, which runs last, knows the class to name in its text. */
  problem?: (className: string) => string;
}

const DRAFT = Symbol("denizen.draft");
const DECLARATION = Symbol.for("denizen.declaration");

type Metadata = DecoratorMetadataObject & { [DRAFT]?: Draft };

function draftOf(metadata: DecoratorMetadataObject): Draft {
  const own = metadata as Metadata;
  if (!Object.hasOwn(own, DRAFT)) own[DRAFT] = { handlers: new Map(), routes: new Map() };
  return own[DRAFT]!;
}

function refuse(draft: Draft, decorator: string, member: string | symbol, reason: string): void {
  draft.problem ??= (className) => `Cannot use @${decorator} on ${className}.${String(member)} as ${reason}`;
}

/** The name of the method a decorator stands on, if it can stand there. */
function methodName(
  draft: Draft,
  context: ClassMethodDecoratorContext,
  decorator: string,
): string | undefined {
  const { kind, name } = context;
  if (kind !== "method") {
    refuse(draft, decorator, name, `it is a ${kind}: put it on a method`);
  } else if (context.static || context.private || typeof name !== "string") {
    refuse(draft, decorator, name, "a handler is a public method of the instance");
  } else return name;
  return undefined;
}

/** Adds a transport to a method; several decorators on one method add up. */
export function recordHandler(
  context: ClassMethodDecoratorContext,
  transport: Transport,
  options: HttpOptions,
): void {
  const draft = draftOf(context.metadata);
  const method = methodName(draft, context, transport);
  if (method === undefined) return;
  const handler: HandlerDeclaration = draft.handlers.get(method) ?? { method, transports: new Set() };
  const reason = handlerProblem(draft, handler, transport, options) ?? routeProblem(draft, handler, options);
  if (reason !== undefined) return refuse(draft, transport, method, reason);
  handler.transports.add(transport);
  if (options.save) handler.save = options.save;
  if (options.path !== undefined) {
    handler.route = { method: options.method ?? "GET", path: options.path };
    draft.routes.set(routeText(handler.route), method);
  } else if (options.method) handler.httpMethod = options.method;
  draft.handlers.set(method, handler);
}

function handlerProblem(
  draft: Draft,
  handler: HandlerDeclaration,
  transport: Transport,
  options: HttpOptions,
): string | undefined {
  for (const [taken, decorator] of [[draft.init, "init"], [draft.socket, "ws"]] as const) {
    if (taken === handler.method) {
      return `@${decorator} cannot be combined with other handlers: make two methods`;
    }
  }
  const known = transport === "http" ? ["save", "method", "path"] : ["save"];
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown !== undefined) return `it has no option "${unknown}": known are ${known.join(", ")}`;
  if (options.save && handler.save && options.save !== handler.save) {
    return 'it has two save policies: give "save" once';
  }
  return undefined;
}

function routeText({ method, path }: NonNullable<HandlerDeclaration["route"]>): string {
  return `${method} ${path}`;
}

function routeProblem(draft: Draft, handler: HandlerDeclaration, options: HttpOptions): string | undefined {
  const { method, path } = options;
  if (method !== undefined && !HTTP_METHODS.includes(method)) {
    return `"${method}" is no HTTP method: known are ${HTTP_METHODS.join(", ")}`;
  }
  if ((method ?? path) !== undefined && (handler.route ?? handler.httpMethod) !== undefined) {
    return "it has two methods or paths: make two methods of the class";
  }
  if (path === undefined) return undefined;
  if (!path.startsWith("/")) return `a path starts with "/": current value is "${path}"`;
  const text = routeText({ method: method ?? "GET", path });
  const other = draft.routes.get(text);
  return other === undefined ? undefined : `${other} already answers ${text}: change one of the two`;
}

/** Marks the one method of its kind (`@init`, `@ws`). */
export function recordSpecial(context: ClassMethodDecoratorContext, kind: "init" | "ws"): void {
  const draft = draftOf(context.metadata);
  const method = methodName(draft, context, kind);
  if (method === undefined) return;
  const slot = kind === "init" ? "init" : "socket";
  if (draft[slot] !== undefined) {
    return refuse(draft, kind, method, `${draft[slot]} has it already: keep one @${kind} method`);
  }
  const other = kind === "init" ? draft.socket : draft.init;
  if (draft.handlers.has(method) || other === method) {
    return refuse(draft, kind, method, `@${kind} cannot be combined with other handlers: make two methods`);
  }
  draft[slot] = method;
}

const PROCESS_OPTIONS = new Set([
  "name",
  "endpoints",
  "save",
  "keyed",
  "turns",
  "ui",
  "version",
  "migrations",
  "passivateAfter",
]);

/** Whether a request can reach a handler, and no other takes it away. */
function checkReach(
  handler: HandlerDeclaration,
  kinds: ReadonlySet<string>,
  paths: ReadonlySet<string>,
  fail: (reason: string) => never,
): void {
  if (handler.transports.has("http") && !handler.route && !kinds.has("http")) {
    fail(`@http ${handler.method} has no endpoint: add Http("/api") to "endpoints", or give it a path`);
  }
  if (handler.httpMethod && BODILESS_METHODS.has(handler.httpMethod)) {
    fail(`@http ${handler.method} answers ${handler.httpMethod}, which carries no tag: give it a path too`);
  }
  if (handler.route && paths.has(handler.route.path) && handler.route.method !== "GET") {
    fail(`${handler.route.method} ${handler.route.path} of ${handler.method} is an endpoint's path too`);
  }
}

/** Closes a class's declaration and checks what only the whole can show. */
export function recordProcess(
  // deno-lint-ignore no-explicit-any -- any class, whatever its constructor takes
  target: abstract new (...args: any[]) => object,
  context: ClassDecoratorContext,
  options: ProcessOptions,
): void {
  const className = target.name;
  const fail = (reason: string): never => {
    throw new DeclarationError(`Cannot declare ${className} as ${reason}`);
  };
  if (typeof options?.name !== "string" || options.name === "") {
    fail(`"name" is missing: write @process({ name: "${className}" })`);
  }
  for (const option of Object.keys(options)) {
    if (!PROCESS_OPTIONS.has(option)) {
      fail(`@process has no option "${option}": known are ${[...PROCESS_OPTIONS].join(", ")}`);
    }
  }
  const draft = draftOf(context.metadata);
  if (draft.problem !== undefined) throw new DeclarationError(draft.problem(className));
  if (Object.hasOwn(target, DECLARATION)) fail("it has @process twice: take one away");
  if (draft.handlers.size === 0 && draft.init === undefined && draft.socket === undefined) {
    fail("no message can reach it: give at least one method @http, @local, @ws or @init");
  }
  const paths = new Set<string>();
  for (const { path } of options.endpoints ?? []) {
    if (paths.has(path)) fail(`two endpoints have one path: "${path}"`);
    paths.add(path);
  }
  const kinds = new Set((options.endpoints ?? []).map((endpoint) => endpoint.kind));
  if (draft.socket !== undefined && !kinds.has("ws")) {
    fail(`@ws ${draft.socket} has no WebSocket endpoint: add Ws("/ws") to "endpoints"`);
  }
  if (draft.socket === undefined && kinds.has("ws")) {
    fail(`a WebSocket endpoint has no @ws method: add one, or take Ws(…) from "endpoints"`);
  }
  for (const handler of draft.handlers.values()) checkReach(handler, kinds, paths, fail);
  const version = options.version ?? 1;
  if (!Number.isInteger(version) || version < 1) {
    fail(`"version" counts from 1: current value is ${version}`);
  }
  for (const from of Object.keys(options.migrations ?? {})) {
    if (!(Number(from) >= 1 && Number(from) < version)) {
      fail(`a migration from version ${from} leads nowhere: "version" is ${version}`);
    }
  }
  if (options.passivateAfter !== undefined && !(options.passivateAfter > 0)) {
    fail(`"passivateAfter" is a number of seconds above zero: current value is ${options.passivateAfter}`);
  }
  if (options.passivateAfter !== undefined && !options.keyed) {
    fail(`"passivateAfter" is for keyed processes: add keyed: true, or take it out`);
  }
  const declaration: Declaration = {
    className,
    options,
    handlers: draft.handlers,
    init: draft.init,
    socket: draft.socket,
  };
  Object.defineProperty(target, DECLARATION, { value: declaration });
}

/** The declaration of a class decorated with `@process`, or `undefined` for anything else. */
export function declarationOf(value: unknown): Declaration | undefined {
  if (typeof value !== "function" || !Object.hasOwn(value, DECLARATION)) return undefined;
  return (value as unknown as Record<symbol, Declaration>)[DECLARATION];
}
