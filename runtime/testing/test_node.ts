/** A node in the program of a test, which controls its time, store and crashes. */
import type { HandlerContract, Json } from "@denizen/macro";
import type { Cancel, Clock } from "../world/clock.ts";
import { FENCE_KEY } from "../commit/fence_record.ts";
import { DenizenError } from "../errors.ts";
import { SOCKET_IDLE_MS } from "../limits.ts";
import type { LogLine } from "../log.ts";
import { failure, type SendResult } from "../message/send_result.ts";
import { loadApp } from "../node/app_loader.ts";
import type { DrainOptions } from "../node/drain.ts";
import { hostDefinitions, type Node } from "../node/node.ts";
import type { ProcessInfo } from "../http/node_info.ts";
import type { PackRequest } from "../pack/bundle/pack_settings.ts";
import type { Caller, CallOptions } from "../process/caller.ts";
import type { Definition } from "../process/definition.ts";
import { memoryStorage } from "../storage/memory.ts";
import type { Storage } from "../storage/storage.ts";
import type { Network, Socket, SocketEvents } from "../world/network.ts";
import { FaultyStorage } from "./faulty_storage.ts";
import { MemoryNetwork } from "./memory_network.ts";
import { VirtualClock } from "./virtual_clock.ts";

/**
 * A class with its contract, from `define`; or a module file or folder of processes, whose code must be
 * generated.
 */
export type Hosted = Definition | string | URL;

export interface TestNodeOptions {
  /** The seed of the random numbers that processes see. Default: 1. */
  readonly seed?: number;
  /** A clock that several nodes share. Default: one of its own, made from `seed`. */
  readonly clock?: VirtualClock;
  /**
   * A network that several nodes share, or `denoNetwork` for real connections. Default: one of its own, in
   * memory.
   */
  readonly network?: Network;
  /** The store of all runs of the node. Default: an empty store in memory. */
  readonly storage?: Storage;
  /** Default: `denizen`. */
  readonly name?: string;
  /** Packs for `ctx.packs`; their time limits do not use the virtual clock. Default: none. */
  readonly packs?: readonly PackRequest[];
}

/** One run, from a start to the crash or drain that ends it. */
interface Run {
  readonly node: Node;
  readonly storage: FaultyStorage;
  readonly clock: RunClock;
  readonly crashed: PromiseWithResolvers<SendResult<never>>;
}

/**
 * Starts, crashes and restarts a node. Generated stubs take it as their caller, before a crash and after it.
 * At the end of its scope it crashes, which never waits.
 *
 * @example A counter keeps what it acknowledged
 * ```ts ignore
 * import assert from "node:assert/strict";
 * import { TestNode } from "@denizen/runtime/testing";
 *
 * await using node = await TestNode.start(["examples/01_counter"]);
 * await node.send("counter:examples:denizen.os", { Increment: 5 });
 * await node.crash();
 * await node.restart();
 * const count = await node.send("counter:examples:denizen.os", { Increment: 1 });
 * assert.deepEqual(count, { status: "Success", value: 6 });
 * ```
 */
export class TestNode implements Caller, AsyncDisposable {
  readonly clock: VirtualClock;
  readonly network: Network;
  /** The log lines of all its runs, each up to its crash. */
  readonly lines: LogLine[] = [];
  readonly #name: string | undefined;
  readonly #kept: Storage;
  readonly #packs: readonly PackRequest[];
  #hosted: readonly Hosted[];
  #run: Run | undefined;

  private constructor(hosted: readonly Hosted[], options: TestNodeOptions) {
    this.clock = options.clock ?? new VirtualClock({ seed: options.seed });
    this.network = options.network ?? new MemoryNetwork();
    this.#kept = options.storage ?? memoryStorage();
    this.#name = options.name;
    this.#packs = options.packs ?? [];
    this.#hosted = hosted;
  }

  /** @throws {DenizenError} what `startNode` throws. */
  static async start(hosted: readonly Hosted[], options: TestNodeOptions = {}): Promise<TestNode> {
    const node = new TestNode(hosted, options);
    await node.restart();
    return node;
  }

  /** The store as the node sees it: hold its commits, or let it fail. A restart clears all faults. */
  get storage(): FaultyStorage {
    return this.#running.storage;
  }

  get url(): string {
    return this.#running.node.url;
  }

  /** The processes in memory. */
  get processes(): ProcessInfo[] {
    return this.#running.node.processes;
  }

  /** Facts about one process, or `undefined` if it is not in memory. */
  process(id: string): ProcessInfo | undefined {
    return this.processes.find((process) => process.id === id);
  }

  /** Like `Node.call`; `Offline` if the node is down, or goes down before the reply. */
  async call<T>(
    target: string,
    handler: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    const run = this.#run;
    if (!run) return offline();
    return await Promise.race([run.node.call<T>(target, handler, args, options), run.crashed.promise]);
  }

  /** Like `Node.send`; `Offline` if the node is down, or goes down before the reply. */
  async send(address: string, body: Json, options?: CallOptions): Promise<SendResult<Json>> {
    const run = this.#run;
    if (!run) return offline();
    return await Promise.race([run.node.send(address, body, options), run.crashed.promise]);
  }

  /** An HTTP request to a path such as `/counter:my-app:me.os/api`. */
  async fetch(path: string, init?: RequestInit): Promise<Response> {
    return await this.network.fetch(new URL(path, this.url), init);
  }

  /** Opens a WebSocket at a path such as `/room.hall:my-app:me.os/ws`. */
  connect(path: string, events: SocketEvents, headers?: Readonly<Record<string, string>>): Socket {
    const options = { headers, messageBytesMax: Infinity, idleMs: SOCKET_IDLE_MS };
    return this.network.connect(new URL(path, this.url), events, options);
  }

  /** Advances the time; everything that is due happens. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Saves an idle process and removes it from memory, like passivation. Returns whether it was removed. */
  async evict(address: string): Promise<boolean> {
    return await this.#running.node.evict(address);
  }

  /**
   * Ends the node like a power failure: nothing more is saved and there are no more replies. Of the commits
   * that `storage.holdCommits` holds, the first `applyHeld` still reach the store. A handler that awaits
   * something of the test's own cannot be stopped; it continues without a store or a clock, and its outcome
   * is ignored.
   */
  async crash({ applyHeld = 0 } = {}): Promise<void> {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    run.crashed.resolve(offline());
    run.clock.stop();
    await run.storage.crash({ applyHeld });
    await run.node.kill();
  }

  /** Ends the node like a signal; see `Node.drain`. Its deadline passes when the test advances the time. */
  async drain(options?: DrainOptions): Promise<void> {
    const run = this.#running;
    await run.node.drain(options);
    if (this.#run === run) this.#run = undefined;
  }

  /**
   * Starts it on the data of the last run, after draining it if it runs; with new code if `hosted` is given.
   */
  async restart(hosted: readonly Hosted[] = this.#hosted): Promise<void> {
    if (this.#run) await this.drain();
    this.#hosted = hosted;
    const storage = new FaultyStorage(this.#kept, { unrecorded: FENCE_KEY });
    const clock = new RunClock(this.clock);
    const node = await hostDefinitions(await definitionsOf(hosted), {
      storage,
      world: { clock, network: this.network },
      name: this.#name,
      packs: this.#packs,
      port: 0,
      log: (line) => {
        if (!clock.stopped) this.lines.push(line);
      },
    });
    this.#run = { node, storage, clock, crashed: Promise.withResolvers() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
  }

  get #running(): Run {
    if (this.#run) return this.#run;
    throw new DenizenError("offline", "Cannot use the node as it is down: restart it first");
  }
}

function offline(): SendResult<never> {
  return failure(new DenizenError("offline", "Cannot reach the node as it is down"));
}

async function definitionsOf(hosted: readonly Hosted[]): Promise<Definition[]> {
  const definitions: Definition[] = [];
  for (const one of hosted) {
    if (typeof one === "string" || one instanceof URL) definitions.push(...await loadApp(one));
    else definitions.push(one);
  }
  return definitions;
}

/** The clock of one run: its timers end with the run. */
class RunClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Cancel>();
  stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(delayMs: number, run: () => void): Cancel {
    if (this.stopped) return () => {};
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(stop);
      run();
    });
    const stop = () => {
      this.#timers.delete(stop);
      cancel();
    };
    this.#timers.add(stop);
    return stop;
  }

  random(): number {
    return this.#clock.random();
  }

  uuid(): string {
    return this.#clock.uuid();
  }

  stop(): void {
    this.stopped = true;
    for (const stop of [...this.#timers]) stop();
  }
}
