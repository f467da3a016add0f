/**
 * Sequential typed local calls from a handler of one process to another process on the same node, each
 * awaited before the next, with a number as argument and as result, and nothing saved.
 *
 * Measured: calls per second inside one running handler, after a warm-up of a fifth as many. Our figure
 * includes the checks, copies, deadline and admission of every local call. Not measured: parallel calls,
 * large arguments, calls between nodes, durable callees (http.ts has the chain).
 */
import { Unavailable } from "./child.ts";
import type { Comparison } from "./compare.ts";
import { withFolder } from "./folder.ts";
import { post } from "./load/post.ts";
import { pathOf, startOurs } from "./our_node.ts";
import { secondsOfErlangCalls } from "./peers/erlang.ts";
import { secondsOfNactCalls, secondsOfNactCallsOnNode } from "./peers/nact.ts";
import type { Scale } from "./scale.ts";
import { withServer } from "./server.ts";

export function comparisons(scale: Scale): Comparison[] {
  const { calls, tiny } = scale;
  const perSecond = (seconds: (calls: number, folder: string) => Promise<number>) => async () => {
    if (tiny) throw new Unavailable("a tiny run installs nothing");
    return calls / await withFolder((folder) => seconds(calls, folder));
  };
  return [{
    subject: "call",
    figure: "sequential local calls between two processes",
    unit: "calls/s",
    goal: { direction: "at least", value: 600_000 },
    ours: { name: "localRpc", measure: async () => calls / await secondsOfOurCalls(calls) },
    peers: [
      { name: "nact", measure: perSecond(secondsOfNactCalls), goal: { direction: "at least", value: 2 } },
      { name: "nact on node", measure: perSecond(secondsOfNactCallsOnNode) },
      {
        name: "gen_server",
        measure: perSecond(secondsOfErlangCalls),
        goal: { direction: "at least", value: 4 },
      },
    ],
  }];
}

/** Includes one HTTP request, which is under a hundredth of the time. */
function secondsOfOurCalls(calls: number): Promise<number> {
  return withServer(() => startOurs(":memory:"), async ({ url }) => {
    let expected = 0;
    const run = async (calls: number) => {
      const started = performance.now();
      const count = await post(`${url}${pathOf("caller")}`, JSON.stringify({ Run: calls }));
      const seconds = (performance.now() - started) / 1_000;
      expected += calls;
      if (Number(count) !== expected) {
        throw new Error(`Cannot use the run as ${expected} calls counted ${count}`);
      }
      return seconds;
    };
    await run(Math.ceil(calls / 5));
    return await run(calls);
  });
}
