/** What a handler gets about its message and its node. Nothing is global. */
import type { Log } from "../log.ts";
import type { Caller } from "./caller.ts";
import type { Packs } from "./packs.ts";

/**
 * The context of one running handler. It stays valid after every await, until the handler ends.
 *
 * It is a {@link Caller}, which generated stubs take: `counter.localRpc(ctx).increment(1)`.
 */
export interface Context extends Caller {
  /** The address of this process, such as `our@room.general:chat:me.os`. */
  readonly self: string;
  /** The key of a keyed process; empty for others. */
  readonly key: string;
  /**
   * The address of the process that sent the message, or `our@http:distro:sys` for a client of the HTTP
   * gateway.
   */
  readonly source: string;
  /** This node's name. */
  readonly node: string;
  /** The trace id of this message, a UUID, which its calls inherit. It is also on every log line. */
  readonly trace: string;
  /**
   * When the sender stops waiting, in milliseconds since the Unix epoch; `Infinity` for `@init`. The time
   * that is left is `ctx.deadline - ctx.now()`, and stays right when the wall clock is set: read it again
   * then.
   */
  readonly deadline: number;
  /** Aborts at the deadline. Pass it to `fetch` and similar functions. */
  readonly signal: AbortSignal;
  /** Logs with the process's address filled in. */
  readonly log: Log;
  /** The HTTP request being answered, and the reply's status and headers; `undefined` for other messages. */
  readonly http: HttpExchange | undefined;
  /** The WebSockets of this process. */
  readonly ws: Sockets;
  /** The node's packs. Actors created here belong to this process, and live as long as it is in memory. */
  readonly packs: Packs;

  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** From 0 up to but not including 1. */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;

  /**
   * Makes the current state durable, under any save policy, and resolves when it is. A handler that throws
   * later rolls back to this point, not to its start; messages sent before leave now.
   *
   * @throws {DenizenError} `storage` or `disk_full`; the process then reloads its last durable state.
   */
  save(): Promise<void>;
}

export interface HttpExchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The values of the `:name` parts of the handler's path. */
  readonly params: Readonly<Record<string, string>>;
  /** The address of the client's socket. */
  readonly client: string;
  /** The reply's status. Default: 200. */
  status: number;
  /** Headers of the reply. */
  readonly replyHeaders: Headers;
}

/** An event of a WebSocket. */
export type WsEvent =
  | {
    readonly type: "open";
    /** The endpoint's path, without the process's address: `/ws`. */
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
    readonly headers: Headers;
  }
  | { readonly type: "message"; readonly data: string | Uint8Array<ArrayBuffer> }
  | { readonly type: "close"; readonly code: number; readonly reason: string };

/** Text and bytes are sent unchanged, anything else as JSON. */
export type WsData = string | Uint8Array | object;

/**
 * The open sockets of one process, by channel number. Messages of a handler that saves are released when its
 * changes are durable (G3), and never if it throws (G4).
 */
export interface Sockets {
  /** Sends to one channel. A closed channel is skipped. */
  send(channel: number, data: WsData): void;
  /** Sends to every open channel of this process, or of one of its endpoints. */
  broadcast(data: WsData, path?: string): void;
  close(channel: number, code?: number, reason?: string): void;
  /** The open channels of this process, or of one of its endpoints. */
  channels(path?: string): number[];
}
