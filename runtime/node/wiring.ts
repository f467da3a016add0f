/**
 * Builds the parts of a node and hands each the ones it needs. Starts nothing but the sweep of idle
 * processes.
 */
import { CommitQueue } from "../commit/commit_queue.ts";
import type { DenizenError } from "../errors.ts";
import { Gateway } from "../http/gateway.ts";
import type { KnownHosts } from "../http/host.ts";
import { createNodePages } from "../http/node_pages.ts";
import { unreadyReasons } from "../http/readiness.ts";
import { SocketTable } from "../http/sockets.ts";
import { WireCaller } from "../http/wire_caller.ts";
import { createLog, type Log, type LogSink } from "../log.ts";
import { Deadlines } from "../message/deadlines.ts";
import type { PackTable } from "../pack/pack_table.ts";
import { Directory } from "../process/directory.ts";
import { Edge } from "../process/edge.ts";
import { type ContextHost, HandlerContext } from "../process/handler_context.ts";
import type { RunnerHost } from "../process/handler_runner.ts";
import { Passivation } from "../process/passivation.ts";
import type { Registry } from "../process/registry.ts";
import { LocalTransport } from "../transport/local.ts";
import type { Clock } from "../world/clock.ts";
import type { World } from "../world/world.ts";
import type { NodeStorage } from "./node_storage.ts";

/** What a node is made of before it is wired. */
export interface NodeSetup {
  readonly name: string;
  readonly registry: Registry;
  readonly store: NodeStorage;
  readonly world: World;
  readonly sink: LogSink;
  readonly origins: ReadonlySet<string>;
  readonly hosts: KnownHosts;
  readonly packs: PackTable;
}

export interface NodeParts {
  readonly name: string;
  readonly registry: Registry;
  readonly store: NodeStorage;
  readonly clock: Clock;
  readonly log: Log;
  readonly packs: PackTable;
  readonly commits: CommitQueue;
  readonly deadlines: Deadlines;
  readonly directory: Directory;
  readonly passivation: Passivation;
  readonly local: LocalTransport;
  readonly wire: WireCaller;
  readonly sockets: SocketTable;
  readonly gateway: Gateway;
}

export function wire({ name, registry, store, world, sink, origins, hosts, packs }: NodeSetup): NodeParts {
  const { clock, network } = world;
  const log = createLog(sink, () => clock.now());
  const { storage, fence, handover, token } = store;
  const deadlines = new Deadlines(clock);
  const onLost = (from: number, _to: number, error: DenizenError) => directory.lose(from, error);
  const commits = new CommitQueue(fence, { log, onLost });
  const sockets = new SocketTable(clock, log, network);
  const context: RunnerHost["context"] = (runner, invocation) =>
    new HandlerContext(contextHost, runner, invocation);
  const directory = new Directory({ clock, storage, commits, deadlines, log, handover, context }, registry);
  const edge = new Edge(commits, deadlines);
  const local = new LocalTransport(directory, clock, edge);
  const contextHost: ContextHost = { node: name, sink, sockets, packs, call: local.call.bind(local) };
  sockets.attach(directory);
  fence.whenLost(() => sockets.abandon());
  const caller = new WireCaller(directory, local);
  const nodePages = createNodePages({
    name,
    token,
    registry,
    directory,
    caller,
    packs: () => packs.list(),
    unready: () => unreadyReasons({ draining: gateway.closed, store: fence, commits }),
  });
  const gateway = new Gateway({ clock, log, registry, directory, edge, sockets, origins, hosts, nodePages });
  const passivation = new Passivation(clock, directory);
  return {
    name,
    registry,
    store,
    clock,
    log,
    packs,
    commits,
    deadlines,
    directory,
    passivation,
    local,
    wire: caller,
    sockets,
    gateway,
  };
}
