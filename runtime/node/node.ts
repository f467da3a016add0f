/** One running node, as programs hold it: starts it, lets them call processes, and ends it. */
import { join } from "node:path";
import type { HandlerContract, Json } from "@denizen/macro";
import { checkOrigins } from "../http/cross_site.ts";
import { KnownHosts } from "../http/host.ts";
import { type DefinitionInfo, definitionInfo, type ProcessInfo, processInfo } from "../http/node_info.ts";
import { createLog, type LogSink, silentSink } from "../log.ts";
import { failure, type SendResult } from "../message/send_result.ts";
import type { PackRequest } from "../pack/bundle/pack_settings.ts";
import { PackTable, type PackTableOptions } from "../pack/pack_table.ts";
import type { Caller, CallOptions } from "../process/caller.ts";
import type { Definition } from "../process/definition.ts";
import { Registry } from "../process/registry.ts";
import type { OpenDatabase } from "../storage/data_folder/data_folder.ts";
import type { Storage } from "../storage/storage.ts";
import { loadApp } from "./app_loader.ts";
import { drain, type DrainOptions, kill, stopping } from "./drain.ts";
import { isFolder, openNodeStorage } from "./node_storage.ts";
import { loadPacks } from "./pack_mounts.ts";
import { type NodeParts, wire } from "./wiring.ts";
import type { Listener } from "../world/network.ts";
import { machine, type World } from "../world/world.ts";

export interface NodeOptions {
  /** Module files or folders; see `loadApp`. Their code must be generated. */
  readonly apps: readonly (string | URL)[];
  /**
   * The folder of the node's data, made if it is not there; or the URL of a Deno KV server, whose access
   * token is read from `DENO_KV_ACCESS_TOKEN`. Default: `":memory:"`, which a stop loses.
   */
  readonly data?: string;
  /**
   * Take the data on a server from a node that still owns it, which then stops answering within 5 seconds.
   * Without it, a start beside a running node fails with `data_locked`. Default: false.
   */
  readonly takeOver?: boolean;
  /** What other nodes will call it. Default: `denizen`. */
  readonly name?: string;
  /** Default: `127.0.0.1`. */
  readonly hostname?: string;
  /** Default: 8080. 0 takes any free one. */
  readonly port?: number;
  /**
   * Web origins, such as `https://app.example.com`, whose pages may write to the node beside its own.
   * Default: none.
   */
  readonly origins?: readonly string[];
  /**
   * Host names by which clients reach the node, such as `chat.example.com`, or `*.example.com` for all below
   * it. It answers for them, for `localhost` and all below it, for IP addresses, for `hostname` and for the
   * hosts of `origins`. A request for another host is `misdirected`: a web page may have made its own host
   * name resolve to this node. Default: none.
   */
  readonly hosts?: readonly string[];
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
  /** Time, chance, network and disk. Default: the machine's, for each that is not given. */
  readonly world?: Partial<World>;
  /** Packs that are loaded before the node takes requests; `findPacks` finds them. */
  readonly packs?: readonly PackRequest[];
  /**
   * How packs are run. Default: libraries are unpacked to `packs` in `data`; in memory, to a temporary folder
   * for each.
   */
  readonly packHost?: Pick<PackTableOptions, "cache" | "childCommand" | "workerModule">;
  /**
   * A store of your own, in the place of `data`; the node does not close it. Or a function that opens the
   * database in the folder `data`, which the node closes; a disk other than the machine's needs one.
   */
  readonly storage?: Storage | OpenDatabase;
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
  readonly #parts: NodeParts;
  #listener: Listener | undefined;
  #ended: Promise<void> | undefined;

  static async start(registry: Registry, options: NodeOptions): Promise<Node> {
    const world = { ...machine, ...options.world };
    const { clock, network, disk } = world;
    const name = options.name ?? "denizen";
    const sink = options.log ?? silentSink;
    const origins = checkOrigins(options.origins ?? []);
    const { hostname = "127.0.0.1", port = 8080 } = options;
    const hosts = new KnownHosts({ hostname, origins, hosts: options.hosts ?? [] });
    const { data = ":memory:", storage: given, takeOver } = options;
    const store = await openNodeStorage({ given, data, name, clock, disk, sink, takeOver });
    const cache = isFolder(data) && disk === machine.disk ? join(data, "packs") : undefined;
    const log = createLog(sink, () => clock.now());
    const packs = new PackTable({ clock, log, cache, ...options.packHost });
    try {
      for (const definition of await loadPacks(packs, options.packs ?? [], log)) registry.add(definition);
    } catch (error) {
      await packs[Symbol.asyncDispose]();
      await store.close();
      throw error;
    }
    const parts = wire({ name, registry, store, world, sink, origins, hosts, packs });
    const node = new Node(parts);
    try {
      node.#listener = network.listen(
        { hostname, port },
        parts.gateway.fetch,
      );
      for (const definition of registry) {
        if (!definition.keyed) parts.directory.find(definition.id).activate();
      }
      await store.publish({ url: node.url, name });
      return node;
    } catch (error) {
      await node.drain({ deadlineMs: 0 });
      throw error;
    }
  }

  private constructor(parts: NodeParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** Its packs: load, list, reload, unload. */
  get packs(): PackTable {
    return this.#parts.packs;
  }

  /** Where clients reach it, such as `http://127.0.0.1:8080`. */
  get url(): string {
    return this.#listener!.url;
  }

  get port(): number {
    return this.#listener!.port;
  }

  get definitions(): DefinitionInfo[] {
    return [...this.#parts.registry].map(definitionInfo);
  }

  /** The processes in memory. */
  get processes(): ProcessInfo[] {
    return [...this.#parts.directory].map(processInfo);
  }

  /** Calls a handler from outside of any process; generated stubs take the node as their caller. */
  async call<T>(
    target: string,
    handler: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    if (this.#ended) return failure(stopping());
    return await this.#parts.local.enter<T>(target, handler, args, options);
  }

  /** Calls with a tagged body such as `{"Increment":5}`; the value is in wire form. */
  async send(address: string, body: Json, options?: CallOptions): Promise<SendResult<Json>> {
    if (this.#ended) return failure(stopping());
    return await this.#parts.tagged.call(address, body, options);
  }

  /**
   * Stops: takes no more requests, lets handlers finish, saves what is not saved, closes. Resolves when all
   * of it is done. Stops waiting for handlers after `deadlineMs`, with a line in the log.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    return this.#ended ??= drain(this.#parts, this.#listener, options);
  }

  /**
   * Saves a process and takes it out of memory, as its idle time would; its next message brings it back.
   * Returns whether it is gone: a busy process stays.
   *
   * @throws {DenizenError} `bad_address`.
   */
  async evict(address: string): Promise<boolean> {
    const { directory, commits } = this.#parts;
    const cell = directory.get(address);
    if (!cell) return true;
    if (!cell.passivate()) {
      await commits.reached(cell.position).catch(() => {});
      if (!cell.passivate()) return false;
    }
    directory.remove(cell);
    return true;
  }

  /**
   * Stops as a killed program does: saves nothing, finishes nothing, answers no caller. For tests of what
   * is left then.
   */
  async kill(): Promise<void> {
    this.#ended ??= Promise.resolve();
    await kill(this.#parts, this.#listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }
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
