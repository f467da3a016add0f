/**
 * The open WebSockets of a node. Sockets belong to a process's address, not to its cell: a process that was passivated or
 * restarted still has them.
 *
 * Owns: which channels are open, the events their processes hear, the bounds. Does not own: when what a handler sends is released
 * (process/handler_runner.ts).
 *
 * - I1. A process hears of a channel in order: one `open`, its messages, one `close`, whatever ends it.
 * - I2. What is sent to a channel that is closing or closed is dropped.
 */
import type { Clock } from "../world/clock.ts";
import { DenizenError, messageOf } from "../errors.ts";
import {
  DEADLINE_DEFAULT_MS,
  RETRY_AFTER_S,
  SOCKET_BACKLOG_BYTES_MAX,
  SOCKET_CLOSE_MS,
  SOCKET_MESSAGE_BYTES_MAX,
  SOCKET_REASON_BYTES_MAX,
  SOCKETS_PER_NODE_MAX,
} from "../limits.ts";
import type { Log } from "../log.ts";
import type { Cell } from "../process/cell.ts";
import type { WsData, WsEvent } from "../process/context.ts";
import type { Directory } from "../process/directory.ts";
import type { SocketHost } from "../process/handler_context.ts";
import { type Carrier, Invocation } from "../process/invocation.ts";

/** Nobody waits for a socket handler's value. */
const SOCKET: Carrier = { name: "socket", result: () => undefined };

/** WebSocket close codes that Denizen uses, as RFC 6455 and its registry name them. */
const CLOSE = {
  normal: 1000,
  /** The connection broke; no frame carries it. */
  abnormal: 1006,
  /** The handler refused the connection, or the client does not read. */
  policy: 1008,
  tooLarge: 1009,
  /** The process failed. */
  internal: 1011,
  /** The node stops: come back in a moment. */
  restart: 1012,
  /** The message was not handled: come back later. */
  tryAgainLater: 1013,
} as const;

const STOPPING = "the node is shutting down";

interface Channel {
  readonly number: number;
  readonly process: string;
  readonly path: string;
  readonly socket: WebSocket;
}

export class SocketTable implements SocketHost {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #socketsMax: number;
  readonly #channels = new Map<number, Channel>();
  readonly #byProcess = new Map<string, Set<Channel>>();
  /** Set after construction: cells need the table, and the table needs the cells. */
  #directory: Pick<Directory, "find"> | undefined;
  /** Sockets that are given up on but hold their memory: their clients read nothing, not even that they are closed. */
  #lingering = 0;
  /** Starts anywhere, so that a number that a state still holds from before a crash is no other client's now. */
  #last: number;
  #closing = false;
  /** The processes have stopped: nobody is told of anything any more. */
  #abandoned = false;
  #onEmpty: (() => void) | undefined;

  constructor(clock: Clock, log: Log, socketsMax = SOCKETS_PER_NODE_MAX) {
    this.#clock = clock;
    this.#log = log;
    this.#socketsMax = socketsMax;
    this.#last = Math.floor(clock.random() * 2 ** 31);
  }

  attach(directory: Pick<Directory, "find">): void {
    this.#directory = directory;
  }

  /**
   * Upgrades a request to a socket of the process with that id.
   *
   * @throws {DenizenError} `overloaded`, or `malformed` if it is no handshake.
   */
  open(id: string, path: string, request: Request): Response {
    if (this.#channels.size + this.#lingering >= this.#socketsMax) {
      throw new DenizenError(
        "overloaded",
        `Cannot open a WebSocket as ${this.#socketsMax} are open (SOCKETS_PER_NODE_MAX)`,
        { data: { retryAfterSeconds: RETRY_AFTER_S } },
      );
    }
    const search = request.url.indexOf("?");
    const query = Object.fromEntries(new URLSearchParams(search === -1 ? "" : request.url.slice(search)));
    const headers = new Headers(request.headers);
    const { socket, response } = upgrade(request);
    socket.binaryType = "arraybuffer";
    const channel: Channel = { number: ++this.#last, process: id, path, socket };
    socket.onopen = () => {
      if (this.#closing) return socket.close(CLOSE.restart, STOPPING);
      this.#channels.set(channel.number, channel);
      const siblings = this.#byProcess.get(id);
      if (siblings) siblings.add(channel);
      else this.#byProcess.set(id, new Set([channel]));
      this.#deliver(channel, { type: "open", path, query, headers });
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.#hear(channel, data);
    socket.onclose = ({ code, reason }) => this.#gone(channel, code === 0 ? CLOSE.abnormal : code, reason);
    socket.onerror = (event) => {
      const message = event instanceof ErrorEvent ? event.message : event.type;
      this.#log.debug("socket broke", { process: id, channel: channel.number, message });
    };
    return response;
  }

  #hear(channel: Channel, data: string | ArrayBuffer): void {
    if (channel.socket.readyState !== WebSocket.OPEN) return;
    if (isTooLarge(data)) {
      const bound = `a message has at most ${SOCKET_MESSAGE_BYTES_MAX} bytes (SOCKET_MESSAGE_BYTES_MAX)`;
      return channel.socket.close(CLOSE.tooLarge, bound);
    }
    const message = typeof data === "string" ? data : new Uint8Array(data);
    this.#deliver(channel, { type: "message", data: message });
  }

  /** Forgets a channel, and tells its process. */
  #gone(channel: Channel, code: number, reason: string): void {
    if (!this.#channels.delete(channel.number)) return;
    const siblings = this.#byProcess.get(channel.process);
    siblings?.delete(channel);
    if (siblings?.size === 0) this.#byProcess.delete(channel.process);
    this.#deliver(channel, { type: "close", code, reason });
    if (this.#channels.size === 0) this.#onEmpty?.();
  }

  #deliver(channel: Channel, event: WsEvent): void {
    if (this.#abandoned) return;
    let cell: Cell;
    try {
      cell = this.#directory!.find(channel.process);
    } catch (error) {
      this.#log.error("socket event dropped", { process: channel.process, event: event.type, error });
      return channel.socket.close(CLOSE.tryAgainLater, "the process cannot be started");
    }
    const deadline = this.#clock.monotonic() + DEADLINE_DEFAULT_MS;
    const args = [channel.number, event];
    const invocation = new Invocation(cell, cell.definition.socket!, args, SOCKET, null, deadline);
    invocation.onDone = ({ error }) => {
      if (error && endsChannel(error, event)) close(channel.socket, closeCode(error), closeReason(error));
    };
    cell.deliver(invocation);
  }

  send(process: string, number: number, data: WsData): void {
    const channel = this.#channels.get(number);
    if (channel?.process === process) this.#push(channel, data);
  }

  broadcast(process: string, data: WsData, path: string | undefined): void {
    for (const channel of this.#byProcess.get(process) ?? []) {
      if (path === undefined || channel.path === path) this.#push(channel, data);
    }
  }

  #push(channel: Channel, data: WsData): void {
    const { socket } = channel;
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount <= SOCKET_BACKLOG_BYTES_MAX) {
      return socket.send(data as string | Uint8Array<ArrayBuffer>);
    }
    this.#log.warn("socket too slow, closing it", { process: channel.process, channel: channel.number });
    this.#giveUp(channel, `more than ${SOCKET_BACKLOG_BYTES_MAX} bytes unread (SOCKET_BACKLOG_BYTES_MAX)`);
  }

  /** Closes a channel whose client does not read: the answer to the close frame may never come. */
  #giveUp(channel: Channel, reason: string): void {
    const { socket } = channel;
    this.#lingering++;
    socket.onclose = () => this.#lingering--;
    socket.close(CLOSE.policy, reason);
    this.#gone(channel, CLOSE.policy, reason);
  }

  close(process: string, number: number, code?: number, reason?: string): void {
    const channel = this.#channels.get(number);
    if (channel?.process === process) close(channel.socket, code ?? CLOSE.normal, reason ?? "");
  }

  channels(process: string, path: string | undefined): number[] {
    const open: number[] = [];
    for (const channel of this.#byProcess.get(process) ?? []) {
      if (path === undefined || channel.path === path) open.push(channel.number);
    }
    return open;
  }

  /**
   * Tells every client that the node stops, and resolves when all have gone or `SOCKET_CLOSE_MS` have passed. Their processes have
   * heard of it then.
   */
  async closeAll(): Promise<void> {
    this.#closing = true;
    for (const { socket } of this.#channels.values()) socket.close(CLOSE.restart, STOPPING);
    if (this.#channels.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(SOCKET_CLOSE_MS, resolve);
        this.#onEmpty = () => (cancel(), resolve());
      });
    }
    for (const channel of this.#channels.values()) this.#gone(channel, CLOSE.restart, STOPPING);
    this.#abandoned = true;
  }

  /** Ends every socket, and tells no process. */
  abandon(): void {
    this.#closing = true;
    this.#abandoned = true;
    for (const { socket } of this.#channels.values()) socket.close(CLOSE.restart, STOPPING);
  }
}

function upgrade(request: Request): Deno.WebSocketUpgrade {
  try {
    return Deno.upgradeWebSocket(request);
  } catch (cause) {
    throw new DenizenError(
      "malformed",
      `Cannot open a WebSocket as its handshake is wrong: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}

const encoder = new TextEncoder();

function isTooLarge(data: string | ArrayBuffer): boolean {
  if (typeof data !== "string") return data.byteLength > SOCKET_MESSAGE_BYTES_MAX;
  // A character of a string is one to three bytes of UTF-8.
  return data.length > SOCKET_MESSAGE_BYTES_MAX ||
    data.length * 3 > SOCKET_MESSAGE_BYTES_MAX && encoder.encode(data).length > SOCKET_MESSAGE_BYTES_MAX;
}

/** Nobody answers a message: a client hears that one was not handled by losing its socket. What a handler threw is its own affair. */
function endsChannel(error: DenizenError, event: WsEvent): boolean {
  if (event.type === "close") return false;
  return event.type === "open" || error.retryable || error.code === "state_unreadable";
}

function closeCode({ code, retryable }: DenizenError): number {
  if (code === "refused") return CLOSE.policy;
  return retryable ? CLOSE.tryAgainLater : CLOSE.internal;
}

function closeReason({ code, message }: DenizenError): string {
  return code === "refused" ? message : code;
}

function close(socket: WebSocket, code: number, reason: string): void {
  const bytes = encoder.encode(reason);
  const text = bytes.length <= SOCKET_REASON_BYTES_MAX
    ? reason
    : new TextDecoder().decode(bytes.subarray(0, SOCKET_REASON_BYTES_MAX), { stream: true });
  socket.close(code, text);
}
