/**
 * Finds wait cycles (G2). A message waits for the handler its process runs; that handler waits for the calls it has in
 * flight; each of those runs, or waits in turn. If the walk comes back to a handler that waits for the message itself,
 * nobody on the way can go on.
 */
import { DenizenError } from "../errors.ts";
import { type Invocation, Stage, type Unit } from "./invocation.ts";

/** The ids on the cycle that delivering `message` to the busy `unit` would close, or `undefined` if there is none. */
export function findWaitCycle(message: Invocation, unit: Unit): string[] | undefined {
  if (!message.parent || !unit.running) return undefined;
  const waiting = new Set<Invocation>();
  for (let outer: Invocation | null = message.parent; outer; outer = outer.parent) waiting.add(outer);
  const seen = new Set<Invocation>();
  const walk = (handler: Invocation): string[] | undefined => {
    if (waiting.has(handler)) return [handler.unit.id];
    if (seen.has(handler)) return undefined;
    seen.add(handler);
    for (const call of handler.calls ?? []) {
      const admitted = call.stage === Stage.Running || call.comesFrom(call.unit);
      const holder = admitted ? call : call.unit.running;
      const cycle = holder && walk(holder);
      if (cycle) return [handler.unit.id, ...cycle];
    }
    return undefined;
  };
  const cycle = walk(unit.running);
  return cycle && [message.parent.unit.id, ...cycle];
}

export function deadlock(message: Invocation, cycle: readonly string[]): DenizenError {
  return new DenizenError(
    "deadlock",
    `Cannot call ${message.handler.tag} of ${message.unit.id} as the processes wait for each other: ${
      cycle.join(" → ")
    }`,
    { data: { cycle } },
  );
}
