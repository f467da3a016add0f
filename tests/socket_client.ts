/** A WebSocket client whose messages a test takes one by one. */

interface Closed {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

export class Client implements Disposable {
  readonly closed: Promise<Closed>;
  /** Messages that arrived and were not read yet. */
  received = 0;
  readonly #socket: WebSocket;
  readonly #arrived: (string | ArrayBuffer)[] = [];
  #waiting: (() => void) | undefined;
  #ended = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      this.#arrived.push(data);
      this.received++;
      this.#waiting?.();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason, wasClean }) => {
        this.#ended = true;
        this.#waiting?.();
        resolve({ code, reason, wasClean });
      });
    });
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  /** The next message, which must be text. */
  async text(): Promise<string> {
    const message = await this.#next();
    if (typeof message !== "string") throw new Error(`${message.byteLength} bytes came where text should`);
    return message;
  }

  /** The next message, which must be bytes. */
  async bytes(): Promise<Uint8Array> {
    const message = await this.#next();
    if (typeof message === "string") throw new Error(`text came where bytes should: ${message}`);
    return new Uint8Array(message);
  }

  async #next(): Promise<string | ArrayBuffer> {
    while (this.#arrived.length === 0) {
      if (this.#ended) throw new Error("the socket closed before the next message");
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
    this.received--;
    return this.#arrived.shift()!;
  }

  [Symbol.dispose](): void {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close();
  }
}

/** Opens a WebSocket at an `http:` or `ws:` URL. */
export async function openClient(url: string, headers?: Record<string, string>): Promise<Client> {
  const socket = new WebSocket(url.replace(/^http/, "ws"), { headers });
  const client = new Client(socket);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", (event) => reject(new Error((event as ErrorEvent).message)), {
      once: true,
    });
  });
  return client;
}
