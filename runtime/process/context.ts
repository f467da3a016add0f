/** What a handler is given about the message it handles and the node it runs on. Nothing is global. */
import type { Log } from "../log.ts";
import type { Caller } from "./caller.ts";
import type { Packs } from "./packs.ts";

/**
 * The surroundings of one handler call. It stays right after every await, and may be used until the handler ends.
 *
 * As a {@link Caller} it is what generated stubs take: `counter.localRpc(ctx).increment(1)`.
 */
export interface Context extends Caller {
  /** The address of this process, such as `our@room.general:chat:me.os`. */
  readonly self: string;
  /** The key of a keyed process; empty for others. */
  readonly key: string;
  /** The address of the process that sent the message, or `our@http:distro:sys` for a client of the HTTP gateway. */
  readonly source: string;
  /** This node's name. */
  readonly node: string;
  /** The id of this message, a UUID; calls made while it is handled carry it on. It is also on every log line. */
  readonly trace: string;
  /**
   * When the sender stops waiting, in milliseconds since the Unix epoch; `Infinity` for `@init`. The time that is left is
   * `ctx.deadline - ctx.now()`, and stays right when the wall clock is set: read it again then.
   */
  readonly deadline: number;
  /** Aborts at the deadline. Give it to `fetch` and the like. */
  readonly signal: AbortSignal;
  /** Logs with the process's address filled in. */
  readonly log: Log;
  /** The HTTP request being answered, and the reply's status and headers; `undefined` for other messages. */
  readonly http: HttpExchange | undefined;
  /** The WebSockets of this process. */
  readonly ws: Sockets;
  /** The node's packs. Actors made here are this process's own, and last as long as it is in memory. */
  readonly packs: Packs;

  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** From 0 up to but not including 1. */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;

  /**
   * Makes the state as it is now durable, whatever the save policy, and resolves when it is. A handler that throws later goes
   * back to this point, not to its start; what it sent before leaves now.
   *
   * @throws {DenizenError} `storage` or `disk_full`; the process then reloads its last durable state.
   */
  save(): Promise<void>;
}

export interface HttpExchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** What `:name` parts of the handler's path matched. */
  readonly params: Readonly<Record<string, string>>;
  /** The address of the client's socket. */
  readonly client: string;
  /** The reply's status. Default: 200. */
  status: number;
  /** Headers of the reply. */
  readonly replyHeaders: Headers;
}

/** What happened on a WebSocket. */
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

/** Text and bytes go out as they are, anything else as JSON. */
export type WsData = string | Uint8Array | object;

/**
 * The open sockets of one process, by channel number. What a handler that saves sends is released when its changes are durable
 * (G3), and never if it throws (G4).
 */
export interface Sockets {
  /** Sends to one channel. A channel that has closed meanwhile is passed over. */
  send(channel: number, data: WsData): void;
  /** Sends to every open channel of this process, or of one of its endpoints. */
  broadcast(data: WsData, path?: string): void;
  close(channel: number, code?: number, reason?: string): void;
  /** The open channels of this process, or of one of its endpoints. */
  channels(path?: string): number[];
}
