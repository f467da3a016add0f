/**
 * The load generator of tiny runs: loops of `fetch` in this process. It needs no installed program, and its
 * figures mean nothing.
 */
import type { Extent, Load, LoadResult } from "./load.ts";
import { post } from "./post.ts";

export async function fetchLoad(url: string, load: Load, extent: Extent): Promise<LoadResult> {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1_000;
  const latencies: number[] = [];
  let sent = 0;
  const wanted = () => "seconds" in extent ? elapsed() < extent.seconds : sent < extent.requests;
  const idOf = (sent: number) => "seconds" in extent ? (sent - 1) % load.ids + 1 : sent;
  const connection = async () => {
    while (wanted()) {
      const path = load.path.replace("*", String(idOf(++sent)));
      const before = performance.now();
      await post(`${url}${path}`, load.body);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: load.connections }, connection));
  latencies.sort((a, b) => a - b);
  const percentile = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  return {
    requests: latencies.length,
    seconds: elapsed(),
    failed: 0,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
  };
}
