/**
 * The open WebSockets of a node. Sockets belong to a process's address, not to its cell: a process that was
 * passivated or restarted still has them.
 *
 * Owns: which channels are open, the events of their processes, the bounds. Does not own: when what a handler
 * sent may leave (commit/output_gate.ts).
 *
 * - I1. A process gets the events of a channel in order: one `open`, its messages, one `close`, whatever ends
 *   it.
 * - I2. A message to a channel that is closing or closed is dropped.
 */
import type { Release, Releaser } from "../commit/release.ts";
import { DenizenError } from "../errors.ts";
import type { Ingress } from "../ingress/ingress.ts";
import {
  RETRY_AFTER_S,
  SOCKET_BACKLOG_BYTES_MAX,
  SOCKET_CLOSE_MS,
  SOCKET_IDLE_MS,
  SOCKET_MESSAGE_BYTES_MAX,
  SOCKET_OPEN_MS,
  SOCKET_REASON_BYTES_MAX,
  SOCKETS_PER_NODE_MAX,
} from "../limits.ts";
import type { Log } from "../log.ts";
import { ANYONE_ON_A_SOCKET } from "../message/principal.ts";
import { type Activation, NO_REPLY } from "../process/activation.ts";
import type { WsEvent } from "../process/context.ts";
import type { Directory } from "../process/directory.ts";
import type { ChannelList } from "../process/handler_context.ts";
import type { Cancel, Clock } from "../world/clock.ts";
import type { Network, Socket, SocketData } from "../world/network.ts";

/** WebSocket close codes that Denizen uses, as RFC 6455 and its registry name them. */
const CLOSE = {
  normal: 1000,
  /** The handler refused the connection, or the client does not read. */
  policy: 1008,
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
  readonly socket: Socket;
  /** Its client did not read, and its process believes it closed. */
  givenUp: boolean;
}

/** By which the table reaches the processes; cells need the table, and the table needs the cells. */
interface Processes {
  readonly directory: Pick<Directory, "find">;
  readonly ingress: Ingress;
}

export class SocketTable implements ChannelList, Releaser {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #network: Pick<Network, "accept">;
  readonly #socketsMax: number;
  readonly #channels = new Map<number, Channel>();
  readonly #byProcess = new Map<string, Set<Channel>>();
  /** Set after construction. */
  #processes: Processes | undefined;
  /** Handshakes that were answered and have not become a channel. */
  #opening = 0;
  /**
   * Sockets that the node gave up but that hold their memory: their clients read nothing, not even that they
   * are closed.
   */
  #lingering = 0;
  /**
   * Starts at random: a number that a state has kept from before a crash must not be another client's now.
   */
  #last: number;
  #closing = false;
  /** The processes have stopped and get no more events. */
  #abandoned = false;
  #onEmpty: (() => void) | undefined;

  constructor(clock: Clock, log: Log, network: Pick<Network, "accept">, socketsMax = SOCKETS_PER_NODE_MAX) {
    this.#clock = clock;
    this.#log = log;
    this.#network = network;
    this.#socketsMax = socketsMax;
    this.#last = Math.floor(clock.random() * 2 ** 31);
  }

  attach(processes: Processes): void {
    this.#processes = processes;
  }

  /**
   * Upgrades a request to a socket of the process with that id.
   *
   * @throws {DenizenError} `overloaded`, or `malformed` if it is not a handshake.
   */
  open(id: string, path: string, request: Request): Response {
    if (this.#channels.size + this.#opening + this.#lingering >= this.#socketsMax) {
      throw new DenizenError(
        "overloaded",
        `Cannot open a WebSocket as ${this.#socketsMax} are open (SOCKETS_PER_NODE_MAX)`,
        { data: { retryAfterSeconds: RETRY_AFTER_S } },
      );
    }
    const search = request.url.indexOf("?");
    const query = Object.fromEntries(new URLSearchParams(search === -1 ? "" : request.url.slice(search)));
    const headers = new Headers(request.headers);
    const handshake = new Handshake(this.#clock, (by) => this.#opening += by);
    const events = {
      open: () => {
        if (!handshake.end()) return socket.close(CLOSE.tryAgainLater, "the handshake took too long");
        if (this.#closing) return socket.close(CLOSE.restart, STOPPING);
        this.#channels.set(channel.number, channel);
        const siblings = this.#byProcess.get(id);
        if (siblings) siblings.add(channel);
        else this.#byProcess.set(id, new Set([channel]));
        this.#deliver(channel, { type: "open", path, query, headers });
      },
      message: (data: SocketData) => this.#deliver(channel, { type: "message", data }),
      close: (code: number, reason: string) => {
        handshake.end();
        if (channel.givenUp) this.#lingering--;
        else this.#gone(channel, code, reason);
      },
      broke: (reason: string) =>
        this.#log.debug("socket broke", { process: id, channel: channel.number, reason }),
    };
    const options = { messageBytesMax: SOCKET_MESSAGE_BYTES_MAX, idleMs: SOCKET_IDLE_MS };
    const { socket, response } = this.#network.accept(request, events, options);
    handshake.begin();
    const channel: Channel = { number: ++this.#last, process: id, path, socket, givenUp: false };
    return response;
  }

  /** Removes a channel, and sends its process the `close` event. */
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
    const { directory, ingress } = this.#processes!;
    let activation: Activation;
    try {
      const cell = directory.find(channel.process);
      const handler = cell.definition.socket!;
      const message = {
        target: cell.id,
        tag: handler.tag,
        args: [channel.number, event],
        principal: ANYONE_ON_A_SOCKET,
        chain: null,
        deadline: ingress.defaultDeadline(),
      };
      activation = ingress.admit(cell, handler, message, NO_REPLY);
    } catch (error) {
      this.#log.error("socket event dropped", { process: channel.process, event: event.type, error });
      return channel.socket.close(CLOSE.tryAgainLater, "the process cannot be started");
    }
    if (ingress.isReady(activation)) this.#answered(channel, event, activation.error);
    else {
      ingress.answered(activation).then(
        () => this.#answered(channel, event, activation.error),
        (loss) => this.#answered(channel, event, loss as DenizenError),
      );
    }
  }

  /** A message has no reply: a client learns that it was not handled, or not kept, by losing its socket. */
  #answered(channel: Channel, event: WsEvent, error: DenizenError | undefined): void {
    if (error && endsChannel(error, event)) close(channel.socket, closeCode(error), closeReason(error));
  }

  /** Carries out what a handler sent; its channel may have gone meanwhile. */
  release(release: Release): void {
    try {
      this.#carryOut(release);
    } catch (error) {
      // The handler that sent it has succeeded, whatever becomes of the socket.
      this.#log.error("socket not reached", { process: release.process, error });
    }
  }

  #carryOut(release: Release): void {
    if (release.kind === "broadcast") {
      for (const channel of this.#byProcess.get(release.process) ?? []) {
        if (release.path === undefined || channel.path === release.path) this.#push(channel, release.data);
      }
      return;
    }
    const channel = this.#channels.get(release.channel);
    if (channel?.process !== release.process) return;
    if (release.kind === "push") this.#push(channel, release.data);
    else close(channel.socket, release.code ?? CLOSE.normal, release.reason ?? "");
  }

  #push(channel: Channel, data: string | Uint8Array): void {
    const { socket } = channel;
    if (!socket.isOpen) return;
    if (socket.bufferedBytes <= SOCKET_BACKLOG_BYTES_MAX) {
      return socket.send(data as string | Uint8Array<ArrayBuffer>);
    }
    this.#log.warn("socket too slow, closing it", { process: channel.process, channel: channel.number });
    this.#giveUp(channel, `more than ${SOCKET_BACKLOG_BYTES_MAX} bytes unread (SOCKET_BACKLOG_BYTES_MAX)`);
  }

  /** Closes a channel whose client does not read: it may never answer the close frame. */
  #giveUp(channel: Channel, reason: string): void {
    this.#lingering++;
    channel.givenUp = true;
    channel.socket.close(CLOSE.policy, reason);
    this.#gone(channel, CLOSE.policy, reason);
  }

  channels(process: string, path: string | undefined): number[] {
    const open: number[] = [];
    for (const channel of this.#byProcess.get(process) ?? []) {
      if (path === undefined || channel.path === path) open.push(channel.number);
    }
    return open;
  }

  /**
   * Closes every socket, and resolves when all clients have gone or `SOCKET_CLOSE_MS` have passed. Their
   * processes have the `close` event then.
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

  /** Closes every socket, without events for their processes. */
  abandon(): void {
    this.#closing = true;
    this.#abandoned = true;
    for (const { socket } of this.#channels.values()) socket.close(CLOSE.restart, STOPPING);
  }
}

/**
 * The time from the answer to a handshake until its socket opens, in which it counts as a socket. A client
 * that leaves in this time causes no event, so it ends after `SOCKET_OPEN_MS` at the latest.
 */
class Handshake {
  readonly #clock: Clock;
  readonly #count: (by: 1 | -1) => void;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, count: (by: 1 | -1) => void) {
    this.#clock = clock;
    this.#count = count;
  }

  begin(): void {
    this.#count(1);
    this.#cancel = this.#clock.after(SOCKET_OPEN_MS, () => this.end());
  }

  /** Returns false if it has ended already. */
  end(): boolean {
    if (this.#cancel === undefined) return false;
    this.#cancel();
    this.#cancel = undefined;
    this.#count(-1);
    return true;
  }
}

const encoder = new TextEncoder();

/**
 * Messages have no reply. One that was not handled, or not kept, closes the socket; an error that a handler
 * threw does not.
 */
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

function close(socket: Socket, code: number, reason: string): void {
  const bytes = encoder.encode(reason);
  const text = bytes.length <= SOCKET_REASON_BYTES_MAX
    ? reason
    : new TextDecoder().decode(bytes.subarray(0, SOCKET_REASON_BYTES_MAX), { stream: true });
  socket.close(code, text);
}
