/**
 * What the decorators record about a class. The runtime reads it back with {@link declarationOf}.
 *
 * Contradictions between options and handlers are reported by the generator, which reads the same decorators
 * from the source and knows their place. Checked here is only that decorators are used where they can be and
 * with known options.
 */
import {
  HTTP_OPTIONS,
  type HttpOptions,
  LOCAL_OPTIONS,
  PROCESS_OPTIONS,
  type ProcessOptions,
} from "./options.ts";
import type { HttpMethod } from "./http_methods.ts";
import type { SavePolicy } from "./save.ts";
import type { Transport } from "./transport.ts";

export interface HandlerDeclaration {
  readonly method: string;
  readonly transports: Set<Transport>;
  save?: SavePolicy;
  route?: { readonly method: HttpMethod; readonly path: string };
  httpMethod?: HttpMethod;
}

/** Everything that the decorators of one class declare. */
export interface Declaration {
  readonly className: string;
  readonly options: ProcessOptions;
  readonly handlers: ReadonlyMap<string, HandlerDeclaration>;
  readonly init?: string;
  readonly socket?: string;
}

/** A class whose decorators do not make a process. The text names class, method and fix. */
export class DeclarationError extends Error {
  override name = "DeclarationError";
}

interface Draft {
  handlers: Map<string, HandlerDeclaration>;
  init?: string;
  socket?: string;
  /**
   * The first contradiction. Its text names the class, which only `@process`, the last decorator to run,
   * knows.
   */
  problem?: (className: string) => string;
}

const DRAFT = Symbol("denizen.draft");
const DECLARATION = Symbol.for("denizen.declaration");

type Metadata = DecoratorMetadataObject & { [DRAFT]?: Draft };

function draftOf(metadata: DecoratorMetadataObject): Draft {
  const own = metadata as Metadata;
  if (!Object.hasOwn(own, DRAFT)) own[DRAFT] = { handlers: new Map() };
  return own[DRAFT]!;
}

function refuse(draft: Draft, decorator: string, member: string | symbol, reason: string): void {
  draft.problem ??= (className) => `Cannot use @${decorator} on ${className}.${String(member)} as ${reason}`;
}

/** The name of the decorated method, if a decorator is allowed there. */
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

/** Adds a transport to a method, which may have several decorators. */
export function recordHandler(
  context: ClassMethodDecoratorContext,
  transport: Transport,
  options: HttpOptions,
): void {
  const draft = draftOf(context.metadata);
  const method = methodName(draft, context, transport);
  if (method === undefined) return;
  const reason = handlerProblem(draft, method, transport, options);
  if (reason !== undefined) return refuse(draft, transport, method, reason);
  const handler: HandlerDeclaration = draft.handlers.get(method) ?? { method, transports: new Set() };
  handler.transports.add(transport);
  if (options.save) handler.save = options.save;
  if (options.path !== undefined) handler.route = { method: options.method ?? "GET", path: options.path };
  else if (options.method) handler.httpMethod = options.method;
  draft.handlers.set(method, handler);
}

function handlerProblem(
  draft: Draft,
  method: string,
  transport: Transport,
  options: HttpOptions,
): string | undefined {
  for (const [taken, decorator] of [[draft.init, "init"], [draft.socket, "ws"]] as const) {
    if (taken === method) return `@${decorator} cannot be combined with other handlers: make two methods`;
  }
  const known = transport === "http" ? HTTP_OPTIONS : LOCAL_OPTIONS;
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  return unknown === undefined ? undefined : `it has no option "${unknown}": known are ${known.join(", ")}`;
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

/** Completes the declaration of a class. */
export function recordProcess(
  // deno-lint-ignore no-explicit-any -- any class, with any constructor
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
  const unknown = Object.keys(options).find((option) => !PROCESS_OPTIONS.includes(option));
  if (unknown !== undefined) {
    fail(`@process has no option "${unknown}": known are ${PROCESS_OPTIONS.join(", ")}`);
  }
  const draft = draftOf(context.metadata);
  if (draft.problem !== undefined) throw new DeclarationError(draft.problem(className));
  if (Object.hasOwn(target, DECLARATION)) fail("it has @process twice: remove one");
  if ("then" in target.prototype) {
    fail('it has a method "then", so that an instance would be taken for a promise: rename the method');
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
