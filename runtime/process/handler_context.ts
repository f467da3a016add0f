/** The `Context` of one handler call. It holds references only; what costs something is made when it is asked for. */
import type { HandlerContract } from "@denizen/macro";
import { DenizenError } from "../errors.ts";
import type { Log } from "../log.ts";
import { createLog, type LogSink } from "../log.ts";
import { pushedData } from "../message/pushed_data.ts";
import type { SendResult } from "../message/send_result.ts";
import type { CallOptions } from "./caller.ts";
import type { Context, HttpExchange, Sockets, WsData } from "./context.ts";
import type { HandlerRunner } from "./handler_runner.ts";
import type { Invocation } from "./invocation.ts";
import type { PackHost, Packs } from "./packs.ts";
import { wallTimeOf } from "../world/clock.ts";

/** What contexts need beyond their process; one per node. */
export interface ContextHost {
  readonly node: string;
  readonly sink: LogSink;
  readonly sockets: SocketHost;
  readonly packs: PackHost;
  /** Calls a process on behalf of a handler. */
  call<T>(
    from: HandlerRunner,
    invocation: Invocation,
    target: string,
    handler: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>>;
}

/** The node's WebSockets; see http/sockets.ts. */
export interface SocketHost {
  send(process: string, channel: number, data: WsData): void;
  broadcast(process: string, data: WsData, path: string | undefined): void;
  close(process: string, channel: number, code: number | undefined, reason: string | undefined): void;
  channels(process: string, path: string | undefined): number[];
}

export class HandlerContext implements Context {
  readonly #host: ContextHost;
  readonly #runner: HandlerRunner;
  readonly #invocation: Invocation;

  constructor(host: ContextHost, runner: HandlerRunner, invocation: Invocation) {
    this.#host = host;
    this.#runner = runner;
    this.#invocation = invocation;
  }

  get self(): string {
    return `our@${this.#runner.id}`;
  }

  get key(): string {
    return this.#runner.key ?? "";
  }

  get source(): string {
    const { parent, carrier, unit } = this.#invocation;
    if (carrier.name === "none") return `our@${unit.id}`;
    return parent ? `our@${parent.unit.id}` : `our@${carrier.name}:distro:sys`;
  }

  get node(): string {
    return this.#host.node;
  }

  get trace(): string {
    return this.#invocation.trace(() => this.uuid());
  }

  get deadline(): number {
    return wallTimeOf(this.#runner.host.clock, this.#invocation.deadline);
  }

  get signal(): AbortSignal {
    return this.#invocation.signal;
  }

  get log(): Log {
    return createLog(this.#host.sink, () => this.now(), { process: this.#runner.id, trace: this.trace });
  }

  get http(): HttpExchange | undefined {
    return this.#invocation.exchange;
  }

  get packs(): Packs {
    // A handler that has ended limits nothing: its process may go on using the actor.
    return this.#host.packs.scope(this.#runner, () => this.#invocation.ended ? Infinity : this.deadline);
  }

  get ws(): Sockets {
    const { sockets } = this.#host;
    const { id } = this.#runner;
    return {
      send: (channel, data) => {
        const message = pushedData(data);
        this.#after(() => sockets.send(id, channel, message));
      },
      broadcast: (data, path) => {
        const message = pushedData(data);
        this.#after(() => sockets.broadcast(id, message, path));
      },
      close: (channel, code, reason) => {
        if (code !== undefined) checkCloseCode(code);
        this.#after(() => sockets.close(id, channel, code, reason));
      },
      channels: (path) => sockets.channels(id, path),
    };
  }

  now(): number {
    return this.#runner.host.clock.now();
  }

  random(): number {
    return this.#runner.host.clock.random();
  }

  uuid(): string {
    return this.#runner.host.clock.uuid();
  }

  save(): Promise<void> {
    const saved = this.#runner.checkpoint(this.#invocation);
    // A handler that does not wait for it fails by itself; the node must not.
    saved.catch(() => {});
    return saved;
  }

  call<T>(
    target: string,
    handler: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    return this.#host.call<T>(this.#runner, this.#invocation, target, handler, args, options);
  }

  /**
   * Holds an effect until the handler's own changes are durable. One whose changes are not saved with it (another policy, code
   * that runs on after the handler) lets it go as soon as what it has seen so far is durable.
   */
  #after(effect: () => void): void {
    const { handler, ended } = this.#invocation;
    const saves = handler.save.kind === "everyMessage" || handler.save.kind === "onDiff";
    if (saves && !ended) {
      (this.#invocation.effects ??= []).push(effect);
    } else this.#runner.host.commits.whenDurable(this.#runner.position, effect, () => {});
  }
}

/** Those of the WebSocket protocol that a frame may carry, and those it leaves to applications. */
function checkCloseCode(code: number): void {
  const known = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  if (Number.isInteger(code) && (known || code >= 3000 && code <= 4999)) return;
  throw new DenizenError(
    "failed",
    `Cannot close a WebSocket as its code is not from 1000 to 1014, or from 3000 to 4999: ${code}`,
  );
}
