/** Something that can be hosted: what its declaration says, its handlers, and what runs a process of it. */
import type { Endpoint, SavePolicy } from "@denizen/macro";
import type { Executor } from "./executor.ts";
import type { Handler } from "./handler.ts";

export interface Definition {
  /** `counter:examples:denizen.os`; processes of a keyed definition have the key after the name. */
  readonly id: string;
  readonly name: string;
  readonly keyed: boolean;
  readonly interleaved: boolean;
  readonly save: SavePolicy;
  /** Milliseconds, or Infinity for a process that stays. */
  readonly passivateAfterMs: number;
  /** Of the state's shape; saved with it. */
  readonly version: number;
  readonly endpoints: readonly Endpoint[];
  /** An absolute folder of static files. */
  readonly ui?: string;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly init?: Handler;
  readonly socket?: Handler;
  /** What runs one process of this definition, for as long as that is in memory. */
  executor(): Executor;
}
