/** A WebSocket client whose messages a test takes one by one. */
import { denoNetwork, type Network, type Socket, type SocketData } from "@denizen/runtime";

interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class Client implements Disposable {
  readonly closed: Promise<Closed>;
  readonly opened: Promise<void>;
  /** Messages that arrived and were not taken. */
  received = 0;
  readonly #socket: Socket;
  readonly #arrived: SocketData[] = [];
  #waiting: (() => void) | undefined;
  #ended = false;

  constructor(url: string, headers: Record<string, string> | undefined, network: Network) {
    const closed = Promise.withResolvers<Closed>();
    const opened = Promise.withResolvers<void>();
    this.closed = closed.promise;
    this.opened = opened.promise;
    const events = {
      open: opened.resolve,
      message: (data: SocketData) => {
        this.#arrived.push(data);
        this.received++;
        this.#waiting?.();
      },
      broke: (reason: string) => opened.reject(new Error(reason)),
      close: (code: number, reason: string) => {
        this.#ended = true;
        this.#waiting?.();
        opened.reject(new Error(`the socket did not open: ${code} ${reason}`));
        closed.resolve({ code, reason });
      },
    };
    this.#socket = network.connect(url, events, { headers, messageBytesMax: Infinity, idleMs: 30_000 });
  }

  send(data: SocketData): void {
    this.#socket.send(data);
  }

  close(code = 1000, reason = ""): void {
    this.#socket.close(code, reason);
  }

  /** The next message, which must be text. */
  async text(): Promise<string> {
    const message = await this.#next();
    if (typeof message !== "string") throw new Error(`${message.length} bytes came where text should`);
    return message;
  }

  /** The next message, which must be bytes. */
  async bytes(): Promise<Uint8Array> {
    const message = await this.#next();
    if (typeof message !== "string") return message;
    throw new Error(`text came where bytes should: ${message}`);
  }

  async #next(): Promise<SocketData> {
    while (this.#arrived.length === 0) {
      if (this.#ended) throw new Error("the socket closed before the next message");
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
    this.received--;
    return this.#arrived.shift()!;
  }

  [Symbol.dispose](): void {
    if (this.#socket.isOpen) this.#socket.close(1000, "");
  }
}

/** Opens a WebSocket at an `http:` URL. */
export async function openClient(
  url: string,
  headers?: Record<string, string>,
  network: Network = denoNetwork,
): Promise<Client> {
  const client = new Client(url.replace(/^ws/, "http"), headers, network);
  await client.opened;
  return client;
}
