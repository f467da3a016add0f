/** The server's side of requests in one program: which are open, and how they are cut. */
import { DenizenError } from "../errors.ts";
import type { Connection, Handle } from "../world/network.ts";
import type { MemorySocket } from "./memory_socket.ts";

const CLIENT = { hostname: "127.0.0.1" };
const NO_BODY = [204, 205, 304];
/** Chunks of a reply that leave before the client reads, as they would into the buffers of a connection. */
const CHUNKS_BUFFERED = 16;

/** The server of one `listen`, until it is cut. */
export class MemoryServer {
  readonly #handle: Handle;
  readonly #sockets = new Set<MemorySocket>();
  /** Called to cut a request, for each that has not got its whole reply. */
  readonly #open = new Map<Request, PromiseWithResolvers<void>>();
  #onIdle: (() => void)[] = [];

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  async answer(request: Request): Promise<Response> {
    const left = Promise.withResolvers<void>();
    left.promise.catch(() => {});
    this.#open.set(request, left);
    const connection: Connection = { remoteAddr: CLIENT, completed: left.promise };
    const gone = Promise.withResolvers<never>();
    request.signal.addEventListener("abort", () => gone.reject(request.signal.reason));
    left.promise.catch(gone.reject);
    gone.promise.catch(() => {});
    try {
      const response = await Promise.race([this.#handle(request, connection), gone.promise]);
      if (response.body === null) this.#left(request);
      return response;
    } catch (thrown) {
      this.#left(request);
      throw thrown;
    }
  }

  /** The reply as the client gets it: its body tells the server when it has been read. */
  deliver(request: Request, response: Response): Response {
    const { status, headers, body } = response;
    if (body === null) return response;
    if (response.bodyUsed || body.locked) {
      this.#left(request);
      return new Response("Internal Server Error", { status: 500 });
    }
    if (request.method === "HEAD" || NO_BODY.includes(status)) {
      this.#left(request);
      void body.cancel();
      return new Response(null, { status, headers });
    }
    return new Response(this.#watched(request, body), { status, headers });
  }

  track(socket: MemorySocket): void {
    for (const known of this.#sockets) if (known.isClosed) this.#sockets.delete(known);
    this.#sockets.add(socket);
  }

  /** Resolves when every request has its whole reply. */
  async idle(): Promise<void> {
    if (this.#open.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  cut(): void {
    for (const [request, left] of this.#open) {
      left.reject(unreachable(request.url, "the connection was cut"));
      this.#left(request);
    }
    for (const socket of this.#sockets) socket.break();
  }

  #watched(request: Request, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    const cut = this.#open.get(request)!.promise.then(() => ({ done: true, value: undefined }) as const);
    cut.catch(() => {});
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await Promise.race([reader.read(), cut]);
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (thrown) {
          controller.error(thrown);
          await reader.cancel(thrown).catch(() => {});
        }
        this.#left(request);
      },
      cancel: async (reason) => {
        this.#left(request);
        await reader.cancel(reason);
      },
    }, { highWaterMark: CHUNKS_BUFFERED });
  }

  #left(request: Request): void {
    this.#open.get(request)?.resolve();
    this.#open.delete(request);
    if (this.#open.size === 0) { for (const resolve of this.#onIdle.splice(0)) resolve(); }
  }
}

export function unreachable(url: string, reason: string): DenizenError {
  return new DenizenError("offline", `Cannot reach ${url} as ${reason}`);
}
