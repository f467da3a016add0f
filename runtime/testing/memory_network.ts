/**
 * A network inside one program (G11): nodes on it take HTTP requests and WebSockets, and there is no port and
 * no socket.
 */
import { DenizenError } from "../errors.ts";
import type {
  ConnectOptions,
  Handle,
  Listener,
  ListenOptions,
  Network,
  Socket,
  SocketEvents,
  SocketOptions,
  Upgrade,
} from "../world/network.ts";
import { checkHandshake } from "../world/socket_message.ts";
import { MemoryServer, unreachable } from "./memory_server.ts";
import { MemorySocket } from "./memory_socket.ts";

const REDIRECTS = [301, 302, 303, 307, 308];
const REDIRECTS_LIMIT = 20;

/**
 * Ports are numbers of its own. Headers that the machine's server adds, such as `date` and `content-length`,
 * are absent from its replies, and `idleMs` of sockets is ignored: the other end is in the same program and
 * never disappears without closing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { MemoryNetwork } from "@denizen/runtime/testing";
 *
 * const network = new MemoryNetwork();
 * const { url } = network.listen({ hostname: "127.0.0.1", port: 0 }, () => new Response("hello"));
 * assert.equal(await (await network.fetch(url)).text(), "hello");
 * ```
 */
export class MemoryNetwork implements Network {
  readonly #servers = new Map<number, MemoryServer>();
  /** The server's ends of handshakes, by the responses that complete them. */
  readonly #upgrades = new WeakMap<Response, MemorySocket>();
  #lastPort = 49_151;

  listen({ hostname, port }: ListenOptions, handle: Handle): Listener {
    const taken = port === 0 ? ++this.#lastPort : port;
    if (this.#servers.has(taken)) {
      throw new DenizenError("port_in_use", `Cannot listen on ${hostname}:${taken} as another node does`);
    }
    const server = new MemoryServer(handle);
    this.#servers.set(taken, server);
    const leave = () => {
      if (this.#servers.get(taken) === server) this.#servers.delete(taken);
    };
    return {
      url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${taken}`,
      port: taken,
      async stopListening() {
        leave();
        await server.idle();
      },
      async abort() {
        leave();
        server.cut();
        await server.idle();
      },
    };
  }

  accept(request: Request, events: SocketEvents, options: SocketOptions): Upgrade {
    checkHandshake(request);
    const socket = new MemorySocket(events, options);
    // A `Response` cannot have status 101: this is a placeholder.
    const response = new Response(null);
    this.#upgrades.set(response, socket);
    return { socket, response };
  }

  async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const request = await outgoing(url, init);
    // A redirect may have to send the body again.
    const again = request.body === null || init.body instanceof ReadableStream
      ? undefined
      : await request.clone().bytes();
    let reply = await this.#ask(request);
    if (init.redirect === "manual") return reply;
    let target = request.url;
    for (let turns = 0; REDIRECTS.includes(reply.status); turns++) {
      const location = reply.headers.get("location");
      if (location === null) break;
      if (turns === REDIRECTS_LIMIT || init.redirect === "error") throw unreachable(target, "it redirects");
      await reply.body?.cancel();
      target = new URL(location, target).href;
      const keeps = reply.status >= 307 || request.method === "GET" || request.method === "HEAD";
      const next = keeps ? { ...init, body: again } : { headers: init.headers, signal: init.signal };
      reply = await this.#ask(await outgoing(target, next));
    }
    return reply;
  }

  connect(url: string | URL, events: SocketEvents, options: ConnectOptions): Socket {
    const socket = new MemorySocket(events, options);
    void this.#handshake(url, socket, options).catch(() => socket.break());
    return socket;
  }

  async #handshake(url: string | URL, socket: MemorySocket, { headers }: ConnectOptions): Promise<void> {
    const request = await outgoing(url, {
      headers: {
        ...headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      },
    });
    const { server, response } = await this.#answer(request);
    const other = this.#upgrades.get(response);
    if (other === undefined) {
      await response.body?.cancel();
      return socket.break();
    }
    // The client has gone: the node never sees the socket, as with the machine's network.
    if (socket.isClosed) return;
    server.track(other);
    MemorySocket.link(other, socket);
  }

  async #ask(request: Request): Promise<Response> {
    const { response } = await this.#answer(request);
    if (!this.#upgrades.has(response)) return response;
    throw unreachable(request.url, "it became a WebSocket");
  }

  async #answer(request: Request): Promise<{ server: MemoryServer; response: Response }> {
    const { port } = new URL(request.url);
    const server = this.#servers.get(Number(port || 80));
    if (!server) throw unreachable(request.url, "nothing listens there");
    const response = await server.answer(request);
    return { server, response: this.#upgrades.has(response) ? response : server.deliver(request, response) };
  }
}

/** A request as it arrives: with the headers that a client adds. */
async function outgoing(url: string | URL, init: RequestInit): Promise<Request> {
  const request = new Request(url, init);
  const headers = new Headers(request.headers);
  if (!headers.has("host")) headers.set("host", new URL(request.url).host);
  if (init.body instanceof ReadableStream || request.body === null) {
    if (request.body === null && !["GET", "HEAD"].includes(request.method)) {
      headers.set("content-length", "0");
    }
    return new Request(request, { headers });
  }
  const body = await request.bytes();
  headers.set("content-length", String(body.length));
  return new Request(url, { ...init, headers, body });
}
