/** The node's TCP port. */
import { DenizenError, messageOf } from "../errors.ts";
import type { Connection } from "../http/gateway.ts";

export interface Listener {
  readonly url: string;
  readonly port: number;
  /**
   * Takes no new connections, and resolves when those there are have closed, each with its reply. Nothing cuts them any more: Deno
   * cannot abort a server that shuts down.
   */
  stopListening(): Promise<void>;
  /** Takes no new connections and cuts those there are. */
  abort(): Promise<void>;
}

export type Fetch = (request: Request, connection: Connection) => Promise<Response>;

/** @throws {DenizenError} `port_in_use`, or `bad_option` for a host or port that cannot be. */
export function listen(hostname: string, port: number, fetch: Fetch): Listener {
  const abort = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve(
      { hostname, port, signal: abort.signal, onListen: () => {} },
      fetch,
    );
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      throw new DenizenError(
        "port_in_use",
        `Cannot listen on ${hostname}:${port} as another program does: choose another port, 0 for any free one`,
        { cause },
      );
    }
    throw new DenizenError("bad_option", `Cannot listen on ${hostname}:${port} as ${messageOf(cause)}`, {
      cause,
    });
  }
  const { addr } = server;
  const host = addr.hostname === "0.0.0.0" || addr.hostname === "::" ? "127.0.0.1" : addr.hostname;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${addr.port}`,
    port: addr.port,
    stopListening: () => server.shutdown(),
    abort() {
      abort.abort();
      return server.finished;
    },
  };
}
