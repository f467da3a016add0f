/** The two ends of a WebSocket in one program. Each message arrives in a microtask of its own, in order. */
import type { Socket, SocketData, SocketEvents, SocketOptions } from "../world/network.ts";
import { BROKEN, isLongerThan, TOO_LARGE, tooLargeReason } from "../world/socket_message.ts";

interface Closing {
  readonly code: number;
  readonly reason: string;
}

const encoder = new TextEncoder();

export class MemorySocket implements Socket {
  readonly #events: SocketEvents;
  readonly #options: SocketOptions;
  #peer: MemorySocket | undefined;
  #state: "connecting" | "open" | "closing" | "closed" = "connecting";
  /** Messages that were sent to this end and not delivered yet. */
  readonly #arrived: (SocketData | Closing)[] = [];
  #arrivedBytes = 0;
  #hearing = false;
  #paused = false;

  constructor(events: SocketEvents, options: SocketOptions) {
    this.#events = events;
    this.#options = options;
  }

  /** Opens both ends. */
  static link(one: MemorySocket, other: MemorySocket): void {
    one.#peer = other;
    other.#peer = one;
    for (const end of [one, other]) end.#state = "open";
    for (const end of [one, other]) end.#events.open();
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get bufferedBytes(): number {
    return this.#peer === undefined ? 0 : this.#peer.#arrivedBytes;
  }

  send(data: SocketData): void {
    if (this.isOpen) this.#peer!.#arrive(typeof data === "string" ? data : data.slice());
  }

  close(code: number, reason: string): void {
    if (this.#state === "connecting") return this.break();
    if (!this.isOpen) return;
    this.#state = "closing";
    this.#peer!.#arrive({ code, reason });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#hearSoon();
  }

  /** Like a broken connection: messages in flight are lost. */
  break(): void {
    this.#end(BROKEN, "");
    if (this.#peer) this.#peer.#end(BROKEN, "");
  }

  #arrive(item: SocketData | Closing): void {
    if (this.isClosed) return;
    this.#arrived.push(item);
    this.#arrivedBytes += bytesOf(item);
    this.#hearSoon();
  }

  #hearSoon(): void {
    if (this.#hearing || this.#paused || this.#arrived.length === 0) return;
    this.#hearing = true;
    queueMicrotask(() => {
      this.#hearing = false;
      const item = this.#arrived[0];
      if (this.#paused || item === undefined) return;
      this.#arrived.shift();
      this.#arrivedBytes -= bytesOf(item);
      this.#hear(item);
      this.#hearSoon();
    });
  }

  #hear(item: SocketData | Closing): void {
    if (typeof item === "object" && "code" in item) {
      // The answer to a close has the same code and reason.
      if (this.isOpen) this.#peer!.#arrive(item);
      return this.#end(item.code, item.reason);
    }
    if (!this.isOpen) return;
    const { messageBytesMax } = this.#options;
    if (isLongerThan(item, messageBytesMax)) return this.close(TOO_LARGE, tooLargeReason(messageBytesMax));
    this.#events.message(item);
  }

  #end(code: number, reason: string): void {
    if (this.isClosed) return;
    this.#state = "closed";
    this.#arrived.length = 0;
    this.#arrivedBytes = 0;
    this.#events.close(code, reason);
  }
}

function bytesOf(item: SocketData | Closing): number {
  if (typeof item === "string") return encoder.encode(item).length;
  return "code" in item ? 0 : item.length;
}
