/**
 * Sends one kind of POST request to a server over a fixed number of connections and reports the result. Real
 * runs use `wrk`, because it takes little of the processor that it shares with the server; tiny runs, which
 * only prove that the benchmark works, use `fetch`. We and the peer always get the same generator.
 *
 * A run fails if a reply is not 200, or if the server's counters show less than it acknowledged: a fast
 * wrong reply must not become a figure.
 */
import { fetchLoad } from "./fetch_load.ts";
import type { Extent, Load, LoadResult } from "./load.ts";
import { post } from "./post.ts";
import { wrkLoad } from "./wrk_load.ts";

type Generator = (url: string, load: Load, extent: Extent) => Promise<LoadResult>;

/** Requests in flight while processes are activated before a run and read after it. */
const PROBE_CONNECTIONS = 16;

export function generatorFor(tiny: boolean): Generator {
  return tiny ? fetchLoad : wrkLoad;
}

/** Activates every process, warms up, measures, and compares the counters with the number of replies. */
export async function measureRate(
  generator: Generator,
  url: string,
  load: Load,
  warmupSeconds: number,
  seconds: number,
): Promise<LoadResult> {
  await probeAll(url, load);
  const warmup = await generator(url, load, { seconds: warmupSeconds });
  const measured = await generator(url, load, { seconds });
  const counted = (await probeAll(url, load)).reduce((sum, count) => sum + count, 0);
  const answered = warmup.requests + measured.requests;
  refuseFailures(measured);
  if (counted < answered) {
    throw new Error(`Cannot use the run as ${answered} requests were answered and ${counted} counted`);
  }
  return measured;
}

/** Sends `requests` requests, each to a process that does not exist yet. */
export async function measureNewProcesses(
  generator: Generator,
  url: string,
  load: Load,
  requests: number,
): Promise<LoadResult> {
  const measured = await generator(url, load, { requests });
  refuseFailures(measured);
  return measured;
}

function refuseFailures({ failed, requests }: LoadResult): void {
  if (failed > 0) throw new Error(`Cannot use the run as ${failed} of ${requests} requests failed`);
}

async function probeAll(url: string, load: Load): Promise<number[]> {
  const counts: number[] = [];
  let next = 1;
  const worker = async () => {
    while (next <= load.ids) {
      const path = load.path.replace("*", String(next++));
      counts.push(Number(await post(`${url}${path}`, load.probe)));
    }
  };
  await Promise.all(Array.from({ length: PROBE_CONNECTIONS }, worker));
  return counts;
}
