/**
 * The load generator of real runs: one thread of `wrk` (Debian package `wrk`) and the script next to this
 * file.
 */
import { output, Unavailable } from "../child.ts";
import type { Extent, Load, LoadResult } from "./load.ts";

/** How long a run with a fixed number of requests may take. */
const REQUESTS_DEADLINE_S = 120;

const SCRIPT = new URL("./wrk.lua", import.meta.url).pathname;

export async function wrkLoad(url: string, load: Load, extent: Extent): Promise<LoadResult> {
  const byTime = "seconds" in extent;
  const text = await run([
    "--threads=1",
    `--connections=${load.connections}`,
    `--duration=${byTime ? extent.seconds : REQUESTS_DEADLINE_S}s`,
    "--timeout=10s",
    `--script=${SCRIPT}`,
    url,
    "--",
    load.path,
    load.body,
    String(load.ids),
    String(byTime ? 0 : extent.requests),
  ]);
  const line = text.split("\n").findLast((line) => line.startsWith("{"));
  if (line === undefined) throw new Error(`Cannot read wrk's output as it has no result:\n${text}`);
  return JSON.parse(line) as LoadResult;
}

async function run(args: string[]): Promise<string> {
  try {
    return await output("wrk", "wrk", args);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    throw new Error("Cannot measure as wrk is not installed: apt install wrk, or use --tiny");
  }
}
