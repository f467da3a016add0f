/** One running node: wires storage, processes, calls and HTTP together, starts them in order and drains them in reverse. */
import { join } from "node:path";
import type { HandlerContract, Json } from "@denizen/macro";
import { type Clock, systemClock } from "../world/clock.ts";
import { DenizenError } from "../errors.ts";
import { CONNECTION_CLOSE_MS, DRAIN_DEADLINE_MS, DRAIN_SAVE_MS } from "../limits.ts";
import { createLog, type Log, type LogSink, silentSink } from "../log.ts";
import { Deadlines } from "../message/deadlines.ts";
import { failure, type SendResult } from "../message/send_result.ts";
import type { Caller, CallOptions } from "../process/caller.ts";
import type { Definition } from "../process/definition.ts";
import { Directory } from "../process/directory.ts";
import { Edge } from "../process/edge.ts";
import { type ContextHost, HandlerContext } from "../process/handler_context.ts";
import type { RunnerHost } from "../process/handler_runner.ts";
import { Passivation } from "../process/passivation.ts";
import { Registry } from "../process/registry.ts";
import { CommitQueue } from "../commit/commit_queue.ts";
import type { Storage } from "../storage/storage.ts";
import { LocalTransport } from "../transport/local.ts";
import { checkOrigins } from "../http/cross_site.ts";
import { Gateway } from "../http/gateway.ts";
import { type DefinitionInfo, definitionInfo, type ProcessInfo, processInfo } from "../http/node_info.ts";
import { createNodePages } from "../http/node_pages.ts";
import { SocketTable } from "../http/sockets.ts";
import type { PackRequest } from "../pack/bundle/pack_settings.ts";
import { PackTable, type PackTableOptions } from "../pack/pack_table.ts";
import { WireCaller } from "../http/wire_caller.ts";
import { loadApp } from "./app_loader.ts";
import { loadPacks } from "./pack_mounts.ts";
import { listen, type Listener } from "./listener.ts";
import { type NodeStorage, openNodeStorage } from "./node_storage.ts";

export interface NodeOptions {
  /** Module files or folders; see `loadApp`. Their code must be generated. */
  readonly apps: readonly (string | URL)[];
  /** The folder of the node's data, made if it is not there. Default: `":memory:"`, which a stop loses. */
  readonly data?: string;
  /** What other nodes will call it. Default: `denizen`. */
  readonly name?: string;
  /** Default: `127.0.0.1`. */
  readonly hostname?: string;
  /** Default: 8080. 0 takes any free one. */
  readonly port?: number;
  /** Web origins, such as `https://app.example.com`, whose pages may write to the node beside its own. Default: none. */
  readonly origins?: readonly string[];
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Packs that are loaded before the node takes requests; `findPacks` finds them. */
  readonly packs?: readonly PackRequest[];
  /** How packs are run. Default: libraries are unpacked to `packs` in `data`; in memory, to a temporary folder for each. */
  readonly packHost?: Pick<PackTableOptions, "cache" | "childCommand" | "workerModule">;
  /** A store of your own, in the place of `data`; the node does not close it. */
  readonly storage?: Storage;
}

export interface DrainOptions {
  /** How long handlers may take to finish. Default: 10,000. */
  readonly deadlineMs?: number;
  /** Keep the state of `Save.never` processes for the next start, as a reload does. Default: false. */
  readonly keepVolatile?: boolean;
}

/** Starts a node. It takes requests when this resolves. */
export async function startNode(options: NodeOptions): Promise<Node> {
  const registry = new Registry();
  for (const app of options.apps) {
    for (const definition of await loadApp(app)) registry.add(definition);
  }
  return await Node.start(registry, options);
}

export class Node implements Caller, AsyncDisposable {
  readonly name: string;
  readonly #registry: Registry;
  readonly #directory: Directory;
  readonly #local: LocalTransport;
  readonly #wire: WireCaller;
  readonly #gateway: Gateway;
  readonly #sockets: SocketTable;
  /** Its packs: load, list, reload, unload. */
  readonly packs: PackTable;
  readonly #commits: CommitQueue;
  readonly #deadlines: Deadlines;
  readonly #passivation: Passivation;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #store: NodeStorage;
  #listener: Listener | undefined;
  #drained: Promise<void> | undefined;

  static async start(registry: Registry, options: NodeOptions): Promise<Node> {
    const clock = options.clock ?? systemClock;
    const name = options.name ?? "denizen";
    const sink = options.log ?? silentSink;
    const origins = checkOrigins(options.origins ?? []);
    const store = await openNodeStorage(options.storage, options.data ?? ":memory:", clock, sink);
    const inMemory = options.data === undefined || options.data === ":memory:";
    const cache = inMemory ? undefined : join(options.data, "packs");
    const log = createLog(sink, () => clock.now());
    const packs = new PackTable({ clock, log, cache, ...options.packHost });
    try {
      for (const definition of await loadPacks(packs, options.packs ?? [], log)) registry.add(definition);
    } catch (error) {
      await packs[Symbol.asyncDispose]();
      await store.close();
      throw error;
    }
    const node = new Node(name, registry, store, clock, sink, origins, packs);
    try {
      node.#listener = listen(options.hostname ?? "127.0.0.1", options.port ?? 8080, node.#gateway.fetch);
      for (const definition of registry) {
        if (!definition.keyed) node.#directory.find(definition.id).activate();
      }
      await store.publish({ url: node.url, name });
      return node;
    } catch (error) {
      await node.drain({ deadlineMs: 0 });
      throw error;
    }
  }

  private constructor(
    name: string,
    registry: Registry,
    store: NodeStorage,
    clock: Clock,
    sink: LogSink,
    origins: ReadonlySet<string>,
    packs: PackTable,
  ) {
    const log = createLog(sink, () => clock.now());
    const { storage, handover, token } = store;
    const deadlines = new Deadlines(clock);
    const onLost = (from: number, _to: number, error: DenizenError) => directory.lose(from, error);
    const commits = new CommitQueue(storage, { log, onLost });
    const sockets = new SocketTable(clock, log);
    const context: RunnerHost["context"] = (runner, invocation) =>
      new HandlerContext(contextHost, runner, invocation);
    const directory = new Directory(
      { clock, storage, commits, deadlines, log, handover, context },
      registry,
    );
    const edge = new Edge(commits, deadlines);
    const local = new LocalTransport(directory, clock, edge);
    const contextHost: ContextHost = { node: name, sink, sockets, packs, call: local.call.bind(local) };
    sockets.attach(directory);
    const caller = new WireCaller(directory, local);
    const nodePages = createNodePages({
      name,
      token,
      registry,
      directory,
      caller,
      packs: () => packs.list(),
    });
    this.name = name;
    this.#registry = registry;
    this.#directory = directory;
    this.#local = local;
    this.#wire = caller;
    this.#gateway = new Gateway({ clock, log, registry, directory, edge, sockets, origins, nodePages });
    this.#sockets = sockets;
    this.packs = packs;
    this.#commits = commits;
    this.#deadlines = deadlines;
    this.#passivation = new Passivation(clock, directory);
    this.#clock = clock;
    this.#log = log;
    this.#store = store;
  }

  /** Where clients reach it, such as `http://127.0.0.1:8080`. */
  get url(): string {
    return this.#listener!.url;
  }

  get port(): number {
    return this.#listener!.port;
  }

  get definitions(): DefinitionInfo[] {
    return [...this.#registry].map(definitionInfo);
  }

  /** The processes in memory. */
  get processes(): ProcessInfo[] {
    return [...this.#directory].map(processInfo);
  }

  /** Calls a handler from outside of any process; generated stubs take the node as their caller. */
  async call<T>(
    target: string,
    handler: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    if (this.#drained) return failure(stopping());
    return await this.#local.enter<T>(target, handler, args, options);
  }

  /** Calls with a tagged body such as `{"Increment":5}`; the value is in wire form. */
  async send(address: string, body: Json, options?: CallOptions): Promise<SendResult<Json>> {
    if (this.#drained) return failure(stopping());
    return await this.#wire.call(address, body, options);
  }

  /**
   * Stops: takes no more requests, lets handlers finish, saves what is not saved, closes. Resolves when all of it is done, and
   * gives up on handlers, with a line in the log, after `deadlineMs`.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    return this.#drained ??= this.#drain(options);
  }

  async #drain({ deadlineMs = DRAIN_DEADLINE_MS, keepVolatile = false }: DrainOptions): Promise<void> {
    const expired = Promise.withResolvers<"expired">();
    const cancel = this.#clock.after(deadlineMs, () => expired.resolve("expired"));
    for (const cell of this.#directory) {
      if (cell.status === "restarting") cell.close(stopping());
    }
    const finished = Promise.all([this.#gateway.close(), this.#sockets.closeAll()]).then(() =>
      this.#settle()
    );
    if (await Promise.race([finished, expired.promise]) === "expired") {
      const busy = [...this.#directory].filter((cell) => !cell.settled).map(({ id }) => id);
      this.#log.warn("handlers did not finish in time", { busy: busy.slice(0, 20), deadlineMs });
    }
    this.#passivation.close();
    this.#deadlines.close(stopping());
    await this.#save(keepVolatile);
    for (const cell of this.#directory) cell.close(stopping());
    // Only now: until here, whoever connects is told that the node stops.
    await this.#closeConnections(expired.promise);
    await Promise.race([this.packs[Symbol.asyncDispose](), expired.promise]);
    await this.packs.abort();
    cancel();
    await this.#store.close();
  }

  /** Lets clients that are slow to take their reply take it, for `CONNECTION_CLOSE_MS` at least. */
  async #closeConnections(expired: Promise<unknown>): Promise<void> {
    if (!this.#gateway.idle) return await this.#listener?.abort();
    const closed = this.#listener?.stopListening();
    const grace = Promise.withResolvers<void>();
    const cancel = this.#clock.after(CONNECTION_CLOSE_MS, grace.resolve);
    await Promise.race([closed, Promise.all([expired, grace.promise])]);
    cancel();
  }

  /** Saves what is not saved and takes no more writes. What handlers took of the drain's time is not taken from the store. */
  async #save(keepVolatile: boolean): Promise<void> {
    const late = Promise.withResolvers<void>();
    const reason = `Cannot save as the store does not answer within ${DRAIN_SAVE_MS} ms (DRAIN_SAVE_MS)`;
    const cancel = this.#clock.after(DRAIN_SAVE_MS, () => late.reject(new DenizenError("storage", reason)));
    for (const cell of this.#directory) cell.flush(keepVolatile);
    try {
      await Promise.race([this.#commits.flush(), late.promise]);
      await Promise.race([this.#commits.close(), late.promise]);
    } catch (error) {
      this.#log.error("not everything was saved", { error });
      this.#commits.close();
    }
    cancel();
  }

  /** Resolves when no process has anything to do. One that ends may have given another one work. */
  async #settle(): Promise<void> {
    for (;;) {
      const busy = [...this.#directory].filter((cell) => !cell.settled);
      if (busy.length === 0) return;
      await Promise.all(busy.map((cell) => cell.whenSettled()));
    }
  }

  /**
   * Takes a process out of memory, as its idle time would, after saving it; its next message brings it back. Says whether it is
   * gone: one that is busy stays.
   *
   * @throws {DenizenError} `bad_address`.
   */
  async evict(address: string): Promise<boolean> {
    const cell = this.#directory.get(address);
    if (!cell) return true;
    if (!cell.passivate()) {
      await this.#commits.reached(cell.position).catch(() => {});
      if (!cell.passivate()) return false;
    }
    this.#directory.remove(cell);
    return true;
  }

  /** Stops as a killed program does: saves nothing, finishes nothing, answers nobody. For tests of what is left then. */
  async kill(): Promise<void> {
    this.#drained ??= Promise.resolve();
    const cut = this.#listener?.abort();
    this.#sockets.abandon();
    this.#passivation.close();
    this.#deadlines.close(stopping());
    for (const cell of this.#directory) cell.close(stopping());
    await Promise.all([cut, this.packs.abort(), this.#commits.close()]);
    await this.#store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }
}

function stopping(): DenizenError {
  return new DenizenError("draining", "Cannot answer as the node is shutting down");
}

/** A node of definitions that are already at hand. */
export async function hostDefinitions(
  definitions: readonly Definition[],
  options: Omit<NodeOptions, "apps"> = {},
): Promise<Node> {
  const registry = new Registry();
  for (const definition of definitions) registry.add(definition);
  return await Node.start(registry, { ...options, apps: [] });
}
