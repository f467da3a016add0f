/** The machine's network, through Deno's own server and sockets. `network.ts` describes their limits. */
import { DenizenError, messageOf } from "../errors.ts";
import type {
  ConnectOptions,
  Handle,
  Listener,
  ListenOptions,
  Network,
  Socket,
  SocketData,
  SocketEvents,
  SocketOptions,
  Upgrade,
} from "./network.ts";
import { BROKEN, checkHandshake, isLongerThan, TOO_LARGE, tooLargeReason, wrong } from "./socket_message.ts";

export const denoNetwork: Network = { listen, accept, connect, fetch: (url, init) => fetch(url, init) };

function listen({ hostname, port }: ListenOptions, handle: Handle): Listener {
  const abort = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({ hostname, port, signal: abort.signal, onListen: () => {} }, handle);
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      throw new DenizenError(
        "port_in_use",
        `Cannot listen on ${hostname}:${port} as another program does: choose another port, 0 for any free one`,
        { cause },
      );
    }
    const text = `Cannot listen on ${hostname}:${port} as ${messageOf(cause)}`;
    throw new DenizenError("bad_option", text, { cause });
  }
  const { addr } = server;
  const host = addr.hostname === "0.0.0.0" || addr.hostname === "::" ? "127.0.0.1" : addr.hostname;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${addr.port}`,
    port: addr.port,
    // Deno cannot abort a server that shuts down.
    stopListening: () => server.shutdown(),
    abort() {
      abort.abort();
      return server.finished;
    },
  };
}

function accept(request: Request, events: SocketEvents, options: SocketOptions): Upgrade {
  checkHandshake(request);
  try {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: options.idleMs / 1_000 });
    return { socket: new DenoSocket(socket, events, options), response };
  } catch (cause) {
    throw wrong(messageOf(cause), cause);
  }
}

function connect(url: string | URL, events: SocketEvents, options: ConnectOptions): Socket {
  const target = String(url).replace(/^http/, "ws");
  return new DenoSocket(new WebSocket(target, { headers: options.headers }), events, options);
}

class DenoSocket implements Socket {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, events: SocketEvents, { messageBytesMax }: SocketOptions) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => events.open();
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (isLongerThan(data, messageBytesMax)) {
        return socket.close(TOO_LARGE, tooLargeReason(messageBytesMax));
      }
      events.message(typeof data === "string" ? data : new Uint8Array(data));
    };
    socket.onerror = (event) => events.broke?.(event instanceof ErrorEvent ? event.message : event.type);
    // Deno closes twice where a client stopped answering, and gives code 0 where the connection broke.
    socket.onclose = ({ code, reason }) => {
      socket.onclose = null;
      events.close(code === 0 ? BROKEN : code, reason);
    };
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: SocketData): void {
    if (this.isOpen) this.#socket.send(data);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
