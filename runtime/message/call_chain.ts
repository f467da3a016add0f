import type { Principal } from "./principal.ts";

/**
 * The handlers that wait for a message, innermost first, as ids. A hop names a running handler by its process
 * and a number that no other handler of the node has; it holds no reference to the handler, so that a chain
 * can cross a border.
 */
export class Hop {
  /** As which the handler sends messages. */
  readonly principal: Principal;
  /** How many handlers wait behind this one. */
  readonly depth: number;
  #trace: string | undefined = undefined;

  constructor(
    /** The id of the process whose handler waits. */
    readonly process: string,
    /** The number of that handler, unique on its node. */
    readonly handler: number,
    /** The handler that waits for that one. */
    readonly outer: Hop | null,
  ) {
    this.principal = { kind: "process", id: process };
    this.depth = outer === null ? 0 : outer.depth + 1;
  }

  /** One id for the whole chain, made when it is first asked for: most chains are never traced. */
  trace(uuid: () => string): string {
    if (this.outer !== null) return this.outer.trace(uuid);
    return this.#trace ??= uuid();
  }
}

/** Whether the handler with that number waits in `chain`. */
export function waitsIn(chain: Hop | null, handler: number): boolean {
  for (let hop = chain; hop; hop = hop.outer) {
    if (hop.handler === handler) return true;
  }
  return false;
}

/** The numbers of one node's handlers, in the order in which they began to wait for others. */
export class HandlerNumbers {
  #last = 0;

  next(): number {
    return ++this.#last;
  }
}
