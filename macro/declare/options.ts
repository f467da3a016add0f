/** The options of the decorators. */
import type { Endpoint } from "./bindings.ts";
import type { HttpMethod } from "./http_methods.ts";
import type { SavePolicy } from "./save.ts";

/** Takes the stored state of one version and returns it in the form of the next version. */
// deno-lint-ignore no-explicit-any -- the shape of an old version exists nowhere any more
export type Migration = (state: any) => unknown;

/**
 * The options of `@process`. The generator reads them from the source without running it, so their values
 * must be constants: literals, `const`s made of literals, `Http(…)`, `Ws(…)` and `Save.…`. Only the functions
 * in `migrations` are free of this.
 */
export interface ProcessOptions {
  /** The name that people see. Required. */
  name: string;
  /** The paths bound under its own address. Default: none. */
  endpoints?: readonly Endpoint[];
  /** When its state becomes durable. Default: `Save.everyMessage`. */
  save?: SavePolicy;
  /** One process per key, started by its first message. Default: false, one process started with the node. */
  keyed?: boolean;
  /**
   * Whether handlers may overlap at their awaits. `"serial"` (default) runs one handler at a time and undoes
   * the changes of one that throws; `"interleaved"` starts each message at once, as Hyperware does, and
   * undoes nothing.
   */
  turns?: "serial" | "interleaved";
  /**
   * A folder of static files, relative to the source file, served under the process's own address. Default:
   * none.
   */
  ui?: string;
  /** The version of the state's shape. Default: 1. */
  version?: number;
  /**
   * `{ 1: (old) => new }` takes a stored state of version 1 to version 2. One for every version since the
   * oldest stored.
   */
  migrations?: Readonly<Record<number, Migration>>;
  /**
   * Seconds without a message after which a keyed process leaves memory; its next message loads it again.
   * Default: 300, and never for `Save.never`, whose state would be lost.
   */
  passivateAfter?: number;
}

/** The options that all handlers have. */
export interface HandlerOptions {
  /** Overrides the process's save policy for this handler. */
  save?: SavePolicy;
}

export interface HttpOptions extends HandlerOptions {
  /** The only method it answers. Default: any that may have a body; `GET` if the handler has a `path`. */
  method?: HttpMethod;
  /**
   * A path of its own, under the process's address. `:name` and `*` match as they do in hono. Default: none,
   * it is called by tag.
   */
  path?: string;
}

export const PROCESS_OPTIONS: readonly string[] = [
  "name",
  "endpoints",
  "save",
  "keyed",
  "turns",
  "ui",
  "version",
  "migrations",
  "passivateAfter",
] satisfies (keyof ProcessOptions)[];

export const HTTP_OPTIONS: readonly string[] = ["save", "method", "path"] satisfies (keyof HttpOptions)[];

export const LOCAL_OPTIONS: readonly string[] = ["save"] satisfies (keyof HandlerOptions)[];
