/** Runs a process that is an instance of a class: its methods are the handlers, its fields the state. */
import { STATE_BYTES_MAX } from "../limits.ts";
import type { Executor, SavedState, Savepoint } from "./executor.ts";
import type { Handler } from "./handler.ts";
import { rollBack, type Savepoint as StateSavepoint, takeSavepoint } from "./savepoint.ts";
import { restoreState, type StateShape, stateText } from "./stored_state.ts";

// deno-lint-ignore no-explicit-any -- a method, whatever it takes and returns
type Method = (this: object, ...args: any[]) => unknown;

/** Calls the method of one handler. */
type Invoke = (instance: object, args: readonly unknown[], context: unknown) => unknown;

/** A handler that is a method. Those of a definition made by `define` all are. */
export interface MethodHandler extends Handler {
  readonly invoke: Invoke;
}

export interface HostedClass extends StateShape {
  create(): object;
}

export class ClassExecutor implements Executor {
  readonly #class: HostedClass;
  #instance: object | undefined;

  /** Runs the constructor of the class: what that throws is a failed start, not an unreadable state. */
  constructor(hosted: HostedClass) {
    this.#class = hosted;
    this.#instance = hosted.create();
  }

  open(saved: SavedState | undefined): void {
    if (saved !== undefined) restoreState(this.#class, this.#instance!, saved);
  }

  run(handler: Handler, args: readonly unknown[], context: unknown): unknown {
    return (handler as MethodHandler).invoke(this.#instance!, args, context);
  }

  capture(): string {
    return stateText(this.#class.state, this.#instance!);
  }

  check(): void {
    this.#class.state.encode(this.#instance!, STATE_BYTES_MAX);
  }

  savepoint(): Savepoint {
    return takeSavepoint(this.#instance!, this.#class.state.fields);
  }

  rollBack(savepoint: Savepoint): void {
    rollBack(savepoint as StateSavepoint);
  }

  close(): void {
    this.#instance = undefined;
  }
}

/**
 * Fixed arities keep the call monomorphic; the context, if wanted, comes last, whatever optional arguments
 * were left out.
 */
export function invoker(
  target: abstract new () => object,
  name: string,
  parameters: number,
  takesContext: boolean,
): Invoke {
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
