/**
 * The network as a node sees it (G11): it listens, takes HTTP requests and WebSockets, and reaches other
 * nodes. `deno_network.ts` is the machine's; `testing/memory_network.ts` has no ports at all.
 *
 * What can bound a message before it is in memory, pause a socket and time a request's header was measured
 * with Deno 2.9.6 on two cores (64 connections that post 15 bytes, medians of five or six interleaved
 * rounds, relative to `Deno.serve`; echoes of 64 bytes over 32 WebSockets):
 *
 * |                                      | HTTP | WebSocket | bounds a message early | pauses | times a header |
 * | ------------------------------------ | ---- | --------- | ---------------------- | ------ | -------------- |
 * | `Deno.serve`, `upgradeWebSocket`     | 1    | 1         | no                     | no     | no             |
 * | `node:http` with npm `ws`            | 0.62 | 0.87      | yes                    | yes    | yes            |
 * | ours on `Deno.listen`, with `Request`| 0.74 | 2.0       | yes                    | yes    | yes            |
 * | the same without `Request` objects   | 1.15 | 2.0       | yes                    | yes    | yes            |
 *
 * A connection that `Deno.serve` has accepted cannot be taken from it: its upgrade gives a `WebSocket` that
 * collects fragments of any size and cannot be paused. So the last three columns need a replacement of
 * `Deno.serve`, and only a server of our own that creates no `Request` in the common case is as fast. Until
 * there is one, {@link Socket.pause} is absent from the machine's sockets, and it refuses a large message
 * only after receiving it.
 */

export interface ListenOptions {
  readonly hostname: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** Facts about a request that the request itself lacks. */
export interface Connection {
  /** The client's end of it. */
  readonly remoteAddr: { readonly hostname: string };
  /** Settles when the reply has left, or cannot. A client that leaves earlier aborts the request's signal. */
  readonly completed: Promise<void>;
}

/** Answers every request; never rejects. */
export type Handle = (request: Request, connection: Connection) => Response | Promise<Response>;

export interface Listener {
  /** Where clients on this machine reach it, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, and resolves when the open ones have closed, each with its reply. */
  stopListening(): Promise<void>;
  /** Takes no new connections and cuts the open ones, unless {@link stopListening} was called before. */
  abort(): Promise<void>;
}

export type SocketData = string | Uint8Array<ArrayBuffer>;

/**
 * The events of a socket, in this order: `open`, any number of `message`, one `close`. A connection that
 * fails fires `close` alone, and an accepted socket whose client left before it opened fires nothing.
 */
export interface SocketEvents {
  open(): void;
  message(data: SocketData): void;
  /** Why the connection broke, for the log, where that is known; `close` follows. */
  broke?(reason: string): void;
  /** 1006 if the connection broke. */
  close(code: number, reason: string): void;
}

export interface SocketOptions {
  /** A longer message from the other side closes the socket with 1009. Text counts as UTF-8. */
  readonly messageBytesMax: number;
  /** After so much silence the other side is pinged; it has half as long to answer. */
  readonly idleMs: number;
}

/** One end of a WebSocket. */
export interface Socket {
  /** Whether messages can be sent and received: from `open` until either end closes it. */
  readonly isOpen: boolean;
  /** Sent bytes that have not left yet, as the other side does not read them. */
  readonly bufferedBytes: number;
  /** Dropped unless the socket is open. */
  send(data: SocketData): void;
  /**
   * Closes it after the sent messages; `close` fires when the other side has confirmed. The connecting side
   * may use the codes 1000 and 3000 to 4999.
   */
  close(code: number, reason: string): void;
  /**
   * Receives nothing until `resume`, and stops the other side from sending once the network's buffers are
   * full. Absent where the network cannot do that: a socket that cannot be paused has to be closed when too
   * much comes.
   */
  pause?(): void;
  resume?(): void;
}

export interface Upgrade {
  readonly socket: Socket;
  /** The reply that the handler of the request must return. */
  readonly response: Response;
}

export interface Network {
  /** @throws {DenizenError} `port_in_use`, or `bad_option` for a host or port that cannot be. */
  listen(options: ListenOptions, handle: Handle): Listener;
  /**
   * Turns a request that {@link listen} gave its handler into a WebSocket. If the client has gone meanwhile,
   * the socket fires no events at all, not even `close`.
   *
   * @throws {DenizenError} `malformed` if the request is not a handshake.
   */
  accept(request: Request, events: SocketEvents, options: SocketOptions): Upgrade;
  /** As the global `fetch`. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Opens a WebSocket at an `http:` URL. A failed connection fires `close` with 1006. */
  connect(url: string | URL, events: SocketEvents, options: ConnectOptions): Socket;
}

export interface ConnectOptions extends SocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
}
