/**
 * Finds wait cycles (G2). A message waits for the handler that its process runs; that handler waits for the
 * calls it has in flight; each of those runs, or waits in turn. If the walk comes back to a handler that
 * waits for the message itself, none of them can go on.
 */
import { DenizenError } from "../errors.ts";
import { type Activation, type ProcessRef, Stage, subjectOf } from "./activation.ts";

/**
 * The ids on the cycle that delivering `call` to the busy `process` would close, or `undefined` if there is
 * none.
 */
export function findWaitCycle(call: Activation, process: ProcessRef): string[] | undefined {
  const { chain } = call.message;
  if (chain === null || !process.running) return undefined;
  const seen = new Set<Activation>();
  const walk = (handler: Activation): string[] | undefined => {
    if (handler.waitsFor(call.message)) return [handler.process.id];
    if (seen.has(handler)) return undefined;
    seen.add(handler);
    for (const inner of handler.calls ?? []) {
      const admitted = inner.stage === Stage.Running || inner.process.awaits(inner.message);
      const holder = admitted ? inner : inner.process.running;
      const cycle = holder && walk(holder);
      if (cycle) return [handler.process.id, ...cycle];
    }
    return undefined;
  };
  const cycle = walk(process.running);
  return cycle && [chain.process, ...cycle];
}

export function deadlock(call: Activation, cycle: readonly string[]): DenizenError {
  return new DenizenError(
    "deadlock",
    `Cannot call ${subjectOf(call)} as the processes wait for each other: ${cycle.join(" → ")}`,
    { data: { cycle } },
  );
}
