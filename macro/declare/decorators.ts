/** The decorators of a process. They only record; see `declaration.ts` for the rules they check. */
import { recordHandler, recordProcess, recordSpecial } from "./declaration.ts";
import type { HandlerOptions, HttpOptions, ProcessOptions } from "./options.ts";

// deno-lint-ignore no-explicit-any -- a decorator accepts any method
type Method = (...args: any[]) => unknown;
// deno-lint-ignore no-explicit-any -- any class, with any constructor
type Class = abstract new (...args: any[]) => object;
type MethodDecorator = (method: Method, context: ClassMethodDecoratorContext) => void;

/**
 * Makes a class a process. Its fields are its state: they are saved, restored, and undone when a handler
 * throws.
 *
 * Not part of the state are
 * - `#private` fields, for what is transient: indexes, timers, connections. They keep their value when a
 *   handler throws, and a process that comes back from the store has new ones;
 * - static fields, and `readonly` fields whose value is a constant of the source (`readonly limit = 10`),
 *   which belong to the class;
 * - fields that are functions.
 *
 * Every object, list, `Map`, `Set` and typed array occurs in one place of the state, and records are plain
 * objects, as that is what comes back from the store. A handler that leaves anything else fails with
 * `state_invalid`.
 *
 * @throws {DeclarationError} if an option is missing or unknown, or a decorator is on the wrong member.
 */
export function process(options: ProcessOptions): (target: Class, context: ClassDecoratorContext) => void {
  return (target, context) => recordProcess(target, context, options);
}

/**
 * Runs when the process starts, after its state is loaded and before any message. Takes the `Context` or
 * nothing.
 */
export function init(_method: Method, context: ClassMethodDecoratorContext): void {
  recordSpecial(context, "init");
}

/**
 * Gets an event when a WebSocket opens, sends a message or closes:
 * `(channel: u32, event: WsEvent, ctx: Context) => void`.
 */
export function ws(_method: Method, context: ClassMethodDecoratorContext): void {
  recordSpecial(context, "ws");
}

/** The options of `@http(…)`; TypeScript refuses `@http()`, and at run time it means no options. */
function optionsIn<Options extends object>(first: Method | Options | undefined): Options {
  return first === undefined ? {} as Options : first as Options;
}

/**
 * Makes a method reachable over HTTP: by tag on the process's endpoints, or on a path of its own.
 *
 * `@http`, or `@http({ method: "GET", path: "/items/:id", save: Save.never })`.
 */
export function http(method: Method, context: ClassMethodDecoratorContext): void;
export function http(options: HttpOptions): MethodDecorator;
export function http(
  first: Method | HttpOptions,
  context?: ClassMethodDecoratorContext,
): void | MethodDecorator {
  if (context === undefined) return (_method, context) => recordHandler(context, "http", optionsIn(first));
  recordHandler(context, "http", {});
}

/** Makes a method reachable from other processes of the same node. */
export function local(method: Method, context: ClassMethodDecoratorContext): void;
export function local(options: HandlerOptions): MethodDecorator;
export function local(
  first: Method | HandlerOptions,
  context?: ClassMethodDecoratorContext,
): void | MethodDecorator {
  if (context === undefined) return (_method, context) => recordHandler(context, "local", optionsIn(first));
  recordHandler(context, "local", {});
}
