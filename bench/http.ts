/**
 * Requests over HTTP on loopback: a counter in memory, a counter made durable with every message, many such
 * counters, the first write of new ones, and a chain of processes.
 *
 * Measured: one node and one load generator on the same machine; answered requests per second and latency as
 * the client sees it. The durable figures are against workerd, whose reply waits for its output gate as ours
 * waits for the commit. Not measured: TLS, a network, large bodies, WebSockets, several nodes, time to first
 * answer after a start (node.ts).
 */
import type { Comparison, Peer, Variant } from "./compare.ts";
import { Unavailable } from "./child.ts";
import { withFolder } from "./folder.ts";
import type { Load, LoadResult } from "./load/load.ts";
import { generatorFor, measureNewProcesses, measureRate } from "./load/load_generator.ts";
import { pathOf, startOurs } from "./our_node.ts";
import { startWorkerd } from "./peers/workerd.ts";
import type { Scale } from "./scale.ts";
import { denoChild, type Server, serverOf, withServer } from "./server.ts";

type Start = (data: string) => Promise<Server>;

const COUNTER = { body: '{"Increment":1}', probe: '{"Increment":0}', ids: 1 };
const VOLATILE: Load = { ...COUNTER, path: pathOf("volatile"), connections: 32 };
const DURABLE: Load = { ...COUNTER, path: pathOf("durable"), connections: 32 };
const ROOMS: Load = { ...COUNTER, path: pathOf("room.*"), connections: 64 };
const CHAIN: Load = {
  path: pathOf("link.5"),
  body: '{"Advance":[1,5]}',
  probe: '{"Advance":[0,5]}',
  connections: 32,
  ids: 1,
};

const ours: Start = (data) => startOurs(data);
const hono: Start = () => serverOf(denoChild("hono", "peers/hono.ts"));
const bareKv: Start = (data) => serverOf(denoChild("bare Deno KV", "peers/bare_kv.ts", [`${data}/state.kv`]));

export function comparisons(scale: Scale): Comparison[] {
  const generator = generatorFor(scale.tiny);
  const workerd: Start = scale.tiny
    ? () => Promise.reject(new Unavailable("a tiny run installs nothing"))
    : startWorkerd;
  const rate = (start: Start, load: Load, read: (result: LoadResult) => number) => () =>
    withFolder((data) =>
      withServer(
        () => start(data),
        async ({ url }) => read(await measureRate(generator, url, load, scale.warmupSeconds, scale.seconds)),
      )
    );
  const perSecond = ({ requests, seconds }: LoadResult) => requests / seconds;
  const p99 = ({ p99Ms }: LoadResult) => p99Ms ?? NaN;
  const variant = (name: string, measure: () => Promise<number>): Variant => ({ name, measure });
  const peer = (
    name: string,
    measure: () => Promise<number>,
    direction: "at least" | "at most",
    value: number,
  ): Peer => ({
    name,
    measure,
    goal: { direction, value },
  });
  const figure = (name: string, unit: string, ours: Variant, peers: Peer[]): Comparison => ({
    subject: "http",
    figure: name,
    unit,
    ours,
    peers,
  });
  const newProcesses = (start: Start) => () =>
    withFolder((data) =>
      withServer(() => start(data), async ({ url }) => {
        const load = { ...ROOMS, connections: 16 };
        return perSecond(await measureNewProcesses(generator, url, load, scale.newProcesses));
      })
    );
  const many: Load = { ...ROOMS, ids: scale.processes };
  const wide: Load = { ...DURABLE, connections: 64 };
  return [
    figure(
      "counter in memory, 32 connections",
      "requests/s",
      variant("never", rate(ours, VOLATILE, perSecond)),
      [
        peer("hono", rate(hono, VOLATILE, perSecond), "at least", 0.85),
      ],
    ),
    figure(
      "durable counter, one process, 32 connections",
      "requests/s",
      variant("everyMessage", rate(ours, DURABLE, perSecond)),
      [
        peer("our own never", rate(ours, VOLATILE, perSecond), "at least", 0.8),
        peer("workerd", rate(workerd, DURABLE, perSecond), "at least", 12),
        variant("bare Deno KV", rate(bareKv, DURABLE, perSecond)),
      ],
    ),
    figure(
      `durable counter, ${scale.processes} processes, 64 connections`,
      "requests/s",
      variant("everyMessage", rate(ours, many, perSecond)),
      [
        peer("workerd", rate(workerd, many, perSecond), "at least", 20),
        peer("bare Deno KV", rate(bareKv, many, perSecond), "at least", 0.9),
      ],
    ),
    figure(
      `first durable write of ${scale.newProcesses} new processes, 16 connections`,
      "processes/s",
      variant("everyMessage", newProcesses(ours)),
      [peer("workerd", newProcesses(workerd), "at least", 10)],
    ),
    figure(
      "p99 latency, durable counter, one process, 64 connections",
      "ms",
      variant("everyMessage", rate(ours, wide, p99)),
      [peer("workerd", rate(workerd, wide, p99), "at most", 0.3)],
    ),
    figure(
      "chain of 5 durable processes, 32 connections",
      "requests/s",
      variant("chain", rate(ours, CHAIN, perSecond)),
      [peer("our own single process", rate(ours, DURABLE, perSecond), "at least", 0.5)],
    ),
  ];
}
