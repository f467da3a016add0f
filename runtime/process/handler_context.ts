/** The `Context` of one running handler. It holds references only; expensive parts are created on demand. */
import type { HandlerContract } from "@denizen/macro";
import { localAddress } from "../address.ts";
import type { Release } from "../commit/release.ts";
import { DenizenError } from "../errors.ts";
import type { Log } from "../log.ts";
import { createLog, type LogSink } from "../log.ts";
import { sourceOf } from "../message/principal.ts";
import { pushedData } from "../message/pushed_data.ts";
import type { SendResult } from "../message/send_result.ts";
import type { CallOptions } from "./caller.ts";
import type { Activation } from "./activation.ts";
import type { Context, HttpExchange, Sockets } from "./context.ts";
import type { PackHost, Packs } from "./packs.ts";
import type { Process } from "./process.ts";
import { wallTimeOf } from "../world/clock.ts";

/** What contexts need in addition to their process; one per node. */
export interface ContextHost {
  readonly node: string;
  readonly sink: LogSink;
  readonly channels: ChannelList;
  readonly packs: PackHost;
  /** Calls a process on behalf of a handler. */
  call<T>(
    from: Process,
    caller: Activation,
    target: string,
    handler: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>>;
}

/** The open WebSockets of the node; see http/sockets.ts. */
export interface ChannelList {
  channels(process: string, path: string | undefined): number[];
}

export class HandlerContext implements Context {
  readonly #host: ContextHost;
  readonly #process: Process;
  readonly #activation: Activation;

  constructor(host: ContextHost, process: Process, activation: Activation) {
    this.#host = host;
    this.#process = process;
    this.#activation = activation;
  }

  get self(): string {
    return localAddress(this.#process.id);
  }

  get key(): string {
    return this.#process.key ?? "";
  }

  get source(): string {
    return sourceOf(this.#activation.message.principal);
  }

  get node(): string {
    return this.#host.node;
  }

  get trace(): string {
    return this.#activation.hop(this.#process.host.handlerNumbers).trace(() => this.uuid());
  }

  get deadline(): number {
    return wallTimeOf(this.#process.host.clock, this.#activation.deadline);
  }

  get signal(): AbortSignal {
    return this.#activation.signal;
  }

  get log(): Log {
    return createLog(this.#host.sink, () => this.now(), { process: this.#process.id, trace: this.trace });
  }

  get http(): HttpExchange | undefined {
    return this.#activation.exchange;
  }

  get packs(): Packs {
    // After the handler ended its deadline no longer applies: its process may keep using the actor.
    return this.#host.packs.scope(this.#process, () => this.#activation.ended ? Infinity : this.deadline);
  }

  get ws(): Sockets {
    const { id: process } = this.#process;
    return {
      send: (channel, data) => this.#release({ kind: "push", process, channel, data: pushedData(data) }),
      broadcast: (data, path) => this.#release({ kind: "broadcast", process, path, data: pushedData(data) }),
      close: (channel, code, reason) => {
        if (code !== undefined) checkCloseCode(code);
        this.#release({ kind: "close", process, channel, code, reason });
      },
      channels: (path) => this.#host.channels.channels(process, path),
    };
  }

  now(): number {
    return this.#process.host.clock.now();
  }

  random(): number {
    return this.#process.host.clock.random();
  }

  uuid(): string {
    return this.#process.host.clock.uuid();
  }

  save(): Promise<void> {
    const saved = this.#process.checkpoint(this.#activation);
    // A handler that does not await it fails by itself; the node must not fail.
    saved.catch(() => {});
    return saved;
  }

  call<T>(
    target: string,
    handler: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    return this.#host.call<T>(this.#process, this.#activation, target, handler, args, options);
  }

  /**
   * Holds it until the handler's own changes are durable. If those are not saved with the handler (another
   * policy, code that runs on after it), it leaves as soon as what the process has seen so far is durable.
   */
  #release(release: Release): void {
    const { handler, ended } = this.#activation;
    const saves = handler.save.kind === "everyMessage" || handler.save.kind === "onDiff";
    if (saves && !ended) (this.#activation.releases ??= []).push(release);
    else this.#process.host.gate.release(this.#process.position, [release]);
  }
}

/**
 * Close codes that a frame may carry: those of the WebSocket protocol, and those reserved for applications.
 */
function checkCloseCode(code: number): void {
  const known = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  if (Number.isInteger(code) && (known || code >= 3000 && code <= 4999)) return;
  throw new DenizenError(
    "failed",
    `Cannot close a WebSocket as its code is not from 1000 to 1014, or from 3000 to 4999: ${code}`,
  );
}
