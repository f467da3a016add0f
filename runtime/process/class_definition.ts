/**
 * A class that can be hosted: what its decorators declared, joined with what the generator read from its
 * types.
 */
import { type Contract, CONTRACT_FORMAT, type Declaration, declarationOf, Save } from "@denizen/macro";
import { DenizenError } from "../errors.ts";
import { PASSIVATE_AFTER_DEFAULT_S } from "../limits.ts";
import { ClassExecutor, type HostedClass, invoker, type MethodHandler } from "./class_executor.ts";
import type { Definition } from "./definition.ts";

/** A definition whose processes are instances of a class. */
export interface ClassDefinition extends Definition {
  readonly hosted: HostedClass;
}

export type ProcessClass = new () => object;

/**
 * Joins a class and its generated contract.
 *
 * `ui` is the absolute folder that the declaration's `ui` names.
 *
 * @throws {DenizenError} `declaration` for a class without `@process`, `stale_contract` if class and contract
 * do not belong together.
 */
export function define(target: ProcessClass, contract: Contract, ui?: string): ClassDefinition {
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
  const version = options.version ?? 1;
  const hosted: HostedClass = {
    state: contract.state,
    version,
    migrations: options.migrations ?? {},
    create: () => new target(),
  };
  const handlers = new Map<string, MethodHandler>();
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
  const special = (method: string | undefined, tag: string, args: number): MethodHandler | undefined =>
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
    version,
    endpoints: options.endpoints ?? [],
    ui,
    handlers,
    init: special(declaration.init, "@init", 0),
    socket: special(declaration.socket, "@ws", 2),
    hosted,
    executor() {
      return new ClassExecutor(this.hosted);
    },
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

/**
 * A contract that was generated from another class, or from an older text of this one, would check the wrong
 * things.
 */
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
