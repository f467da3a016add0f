/**
 * Builds the parts of a node and hands each the ones it needs. Starts nothing but the sweep of idle
 * processes.
 */
import { CommitQueue } from "../commit/commit_queue.ts";
import { OutputGate } from "../commit/output_gate.ts";
import type { DenizenError } from "../errors.ts";
import { Gateway } from "../http/gateway.ts";
import type { KnownHosts } from "../http/host.ts";
import { createNodePages } from "../http/node_pages.ts";
import { unreadyReasons } from "../http/readiness.ts";
import { SocketTable } from "../http/sockets.ts";
import { Ingress } from "../ingress/ingress.ts";
import { LocalCalls } from "../ingress/local.ts";
import { TaggedCalls } from "../ingress/tagged.ts";
import { createLog, type Log, type LogSink } from "../log.ts";
import { HandlerNumbers } from "../message/call_chain.ts";
import { Deadlines } from "../message/deadlines.ts";
import type { PackTable } from "../pack/pack_table.ts";
import { Directory } from "../process/directory.ts";
import { type ContextHost, HandlerContext } from "../process/handler_context.ts";
import { Passivation } from "../process/passivation.ts";
import type { ProcessHost } from "../process/process.ts";
import type { Registry } from "../process/registry.ts";
import type { Clock } from "../world/clock.ts";
import type { World } from "../world/world.ts";
import type { NodeStorage } from "./node_storage.ts";

/** What a node is made of before it is wired. */
interface NodeSetup {
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
  readonly local: LocalCalls;
  readonly tagged: TaggedCalls;
  readonly sockets: SocketTable;
  readonly gateway: Gateway;
}

export function wire({ name, registry, store, world, sink, origins, hosts, packs }: NodeSetup): NodeParts {
  const { clock, network } = world;
  const log = createLog(sink, () => clock.now());
  const { storage, fence, volatileStates, token } = store;
  const deadlines = new Deadlines(clock);
  const onLost = (from: number, _to: number, error: DenizenError) => directory.lose(from, error);
  const commits = new CommitQueue(fence, { log, onLost });
  const sockets = new SocketTable(clock, log, network);
  const gate = new OutputGate({ commits, deadlines, releaser: sockets });
  const context: ProcessHost["context"] = (process, activation) =>
    new HandlerContext(contextHost, process, activation);
  const handlerNumbers = new HandlerNumbers();
  const directory = new Directory(
    { clock, storage, commits, deadlines, gate, log, volatileStates, handlerNumbers, context },
    registry,
  );
  const ingress = new Ingress(clock, gate, fence);
  const local = new LocalCalls(directory, ingress);
  const contextHost: ContextHost = {
    node: name,
    sink,
    channels: sockets,
    packs,
    call: local.call.bind(local),
  };
  sockets.attach({ directory, ingress });
  fence.whenLost(() => sockets.abandon());
  const tagged = new TaggedCalls(directory, local);
  const nodePages = createNodePages({
    name,
    token,
    registry,
    directory,
    tagged,
    packs: () => packs.list(),
    unready: () => unreadyReasons({ draining: gateway.closed, store: fence, commits }),
  });
  const gateway = new Gateway({
    ownership: fence,
    log,
    registry,
    directory,
    ingress,
    gate,
    sockets,
    origins,
    hosts,
    nodePages,
  });
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
    tagged,
    sockets,
    gateway,
  };
}
