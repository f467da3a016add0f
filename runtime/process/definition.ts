/** A class that can be hosted: what its decorators declared, joined with what the generator read from its types. */
import {
  type Contract,
  CONTRACT_FORMAT,
  type Declaration,
  declarationOf,
  type Endpoint,
  type HandlerContract,
  type HttpMethod,
  type Migration,
  Save,
  type SavePolicy,
  type StateContract,
  type Transport,
} from "@denizen/macro";
import { DenizenError } from "../errors.ts";
import { PASSIVATE_AFTER_DEFAULT_S } from "../limits.ts";

// deno-lint-ignore no-explicit-any -- a method, whatever it takes and returns
type Method = (this: object, ...args: any[]) => unknown;

/** Calls the method of one handler. */
export type Invoke = (instance: object, args: readonly unknown[], context: unknown) => unknown;

export interface Handler {
  readonly tag: string;
  readonly method: string;
  readonly save: SavePolicy;
  readonly takesContext: boolean;
  readonly invoke: Invoke;
  readonly transports: ReadonlySet<Transport>;
  /** Absent for `@init` and `@ws`, whose arguments the runtime makes itself. */
  readonly contract?: HandlerContract;
  readonly route?: { readonly method: HttpMethod; readonly path: string };
  /** The only HTTP method its tag answers to. */
  readonly httpMethod?: HttpMethod;
}

export interface Definition {
  /** `counter:examples:denizen.os`; a keyed definition's processes have the key behind the name. */
  readonly id: string;
  readonly name: string;
  readonly keyed: boolean;
  readonly interleaved: boolean;
  readonly save: SavePolicy;
  /** Milliseconds, or Infinity for a process that stays. */
  readonly passivateAfterMs: number;
  readonly version: number;
  readonly migrations: Readonly<Record<number, Migration>>;
  readonly endpoints: readonly Endpoint[];
  /** An absolute folder of static files. */
  readonly ui?: string;
  readonly state: StateContract;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly init?: Handler;
  readonly socket?: Handler;
  create(): object;
}

export type ProcessClass = new () => object;

/**
 * Joins a class and its generated contract.
 *
 * `ui` is the absolute folder that the declaration's `ui` names.
 *
 * @throws {DenizenError} `declaration` for a class without `@process`, `stale_contract` if class and contract do not belong
 * together.
 */
export function define(target: ProcessClass, contract: Contract, ui?: string): Definition {
  const declaration = declarationOf(target);
  if (!declaration) {
    throw new DenizenError(
      "declaration",
      `Cannot host ${target.name} as it is not a process: decorate it with @process`,
    );
  }
  checkFresh(declaration, contract);
  const { options } = declaration;
  const save = options.save ?? Save.everyMessage;
  const passivate = options.passivateAfter ?? (save.kind === "never" ? Infinity : PASSIVATE_AFTER_DEFAULT_S);
  const handlers = new Map<string, Handler>();
  for (const handler of Object.values(contract.handlers)) {
    const declared = declaration.handlers.get(handler.method)!;
    handlers.set(handler.tag, {
      tag: handler.tag,
      method: handler.method,
      save: declared.save ?? save,
      takesContext: handler.takesContext,
      invoke: invoker(target, handler.method, handler.parameters.length, handler.takesContext),
      transports: declared.transports,
      contract: handler,
      route: declared.route,
      httpMethod: declared.httpMethod,
    });
  }
  const special = (method: string | undefined, tag: string, args: number): Handler | undefined =>
    method === undefined ? undefined : {
      tag,
      method,
      save,
      takesContext: true,
      invoke: invoker(target, method, args, true),
      transports: new Set(),
    };
  return {
    id: contract.id,
    name: options.name,
    keyed: options.keyed ?? false,
    interleaved: options.turns === "interleaved",
    save,
    passivateAfterMs: options.keyed ? passivate * 1000 : Infinity,
    version: options.version ?? 1,
    migrations: options.migrations ?? {},
    endpoints: options.endpoints ?? [],
    ui,
    state: contract.state,
    handlers,
    init: special(declaration.init, "@init", 0),
    socket: special(declaration.socket, "@ws", 2),
    create: () => new target(),
  };
}

/** The class that a contract belongs to, among what its module exports under whatever name. */
export function exportedClass(
  exports: Readonly<Record<string, unknown>>,
  className: string,
): ProcessClass | undefined {
  const found = Object.values(exports).find((value) => declarationOf(value)?.className === className);
  return found as ProcessClass | undefined;
}

/** A contract that was generated from another class, or from an older text of this one, would check the wrong things. */
function checkFresh(declaration: Declaration, contract: Contract): void {
  const stale = (reason: string): never => {
    throw new DenizenError(
      "stale_contract",
      `Cannot host ${declaration.className} as its generated code is stale: ${reason}; run "denizen gen"`,
    );
  };
  if (contract.format !== CONTRACT_FORMAT) {
    stale(`it has format ${contract.format}, this runtime reads ${CONTRACT_FORMAT}`);
  }
  if (contract.className !== declaration.className) stale(`it belongs to ${contract.className}`);
  const generated = new Map(Object.values(contract.handlers).map((handler) => [handler.method, handler]));
  for (const { method, transports } of declaration.handlers.values()) {
    const handler = generated.get(method);
    if (!handler) return stale(`it lacks ${method}`);
    const known = [...handler.transports].sort().join();
    if (known !== [...transports].sort().join()) stale(`it has ${method} on ${known}`);
  }
  for (const method of generated.keys()) {
    if (!declaration.handlers.has(method)) stale(`it still has ${method}`);
  }
}

/** Fixed arities keep the call monomorphic; the context, if wanted, comes last, whatever optional arguments were left out. */
function invoker(target: ProcessClass, name: string, parameters: number, takesContext: boolean): Invoke {
  const method = (target.prototype as Record<string, Method>)[name]!;
  if (!takesContext) {
    switch (parameters) {
      case 0:
        return (instance) => method.call(instance);
      case 1:
        return (instance, args) => method.call(instance, args[0]);
      case 2:
        return (instance, args) => method.call(instance, args[0], args[1]);
      default:
        return (instance, args) => method.apply(instance, args as unknown[]);
    }
  }
  switch (parameters) {
    case 0:
      return (instance, _args, context) => method.call(instance, context);
    case 1:
      return (instance, args, context) => method.call(instance, args[0], context);
    case 2:
      return (instance, args, context) => method.call(instance, args[0], args[1], context);
    default:
      return (instance, args, context) => {
        const all = args.slice(0, parameters);
        while (all.length < parameters) all.push(undefined);
        return method.call(instance, ...all, context);
      };
  }
}
