/**
 * What a node costs at rest: the memory of an idle active process, and the time to start with many stored
 * processes.
 *
 * Measured: resident bytes of the whole process after a forced collection, the difference over many processes
 * with one number as state each, against actors that hold the same; and the time from starting the program
 * until `/healthz` answers, over an empty store and over a full one. Not measured: processes with large
 * state, open sockets, the first call after the start.
 */
import { Unavailable } from "./child.ts";
import type { Comparison } from "./compare.ts";
import { withFolder } from "./folder.ts";
import { generatorFor } from "./load/load_generator.ts";
import { post } from "./load/post.ts";
import { pathOf, startOurs } from "./our_node.ts";
import type { Scale } from "./scale.ts";
import { lineOfDenoChild, withServer } from "./server.ts";

const GC = "--v8-flags=--expose-gc";

/** Processes activated before the measurement, so that compiled code is not counted as theirs. */
const FIRST = 1_000;

/** Processes that one request activates: it must reply within its deadline. */
const BATCH = 10_000;

export function comparisons(scale: Scale): Comparison[] {
  const xstate = async () => {
    if (scale.tiny) throw new Unavailable("a tiny run installs nothing");
    return Number(await lineOfDenoChild("xstate", "peers/xstate.ts", [String(scale.population)], [GC]));
  };
  const memory = (kind: "cells" | "rooms", policy: string): Comparison => ({
    subject: "node",
    figure: `resident memory of an active idle process, ${policy}, ${scale.population} of them`,
    unit: "bytes",
    goal: { direction: "at most", value: 1_500 },
    ours: { name: policy, measure: () => bytesPerProcess(kind, scale.population) },
    peers: [{ name: "xstate", measure: xstate }],
  });
  const start: Comparison = {
    subject: "node",
    figure: `start with ${scale.stored} stored processes until healthz answers`,
    unit: "ms",
    ours: { name: "full store", measure: () => startMs(scale, scale.stored) },
    peers: [{
      name: "our own empty store",
      measure: () => startMs(scale, 0),
      goal: { direction: "at most", value: 1.2 },
    }],
  };
  return [memory("cells", "never"), memory("rooms", "everyMessage"), start];
}

function bytesPerProcess(kind: "cells" | "rooms", count: number): Promise<number> {
  const tag = kind === "cells" ? "Cells" : "Rooms";
  return withFolder((data) =>
    withServer(() => startOurs(data, [GC]), async ({ url, child }) => {
      const populate = async (first: number, count: number) => {
        for (let done = 0; done < count; done += BATCH) {
          const body = JSON.stringify({ [tag]: [first + done, Math.min(BATCH, count - done)] });
          await post(`${url}${pathOf("population")}`, body);
        }
      };
      await populate(0, FIRST);
      const before = Number(await child.ask("resident"));
      await populate(FIRST, count);
      return (Number(await child.ask("resident")) - before) / count;
    })
  );
}

function startMs(scale: Scale, stored: number): Promise<number> {
  return withFolder(async (data) => {
    const load = { path: pathOf("room.*"), body: '{"Increment":1}', probe: "", connections: 16, ids: 1 };
    await withServer(() => startOurs(data), async ({ url }) => {
      if (stored > 0) await generatorFor(scale.tiny)(url, load, { requests: stored });
    });
    const started = performance.now();
    return await withServer(() => startOurs(data), async ({ url }) => {
      const response = await fetch(`${url}/healthz`);
      await response.body?.cancel();
      if (response.status !== 200) {
        throw new Error(`Cannot use the start as healthz answered ${response.status}`);
      }
      return performance.now() - started;
    });
  });
}
