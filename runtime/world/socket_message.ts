/** What every network checks of a WebSocket: its handshake, and how long its messages are. */
import { DenizenError } from "../errors.ts";
import type { SocketData } from "./network.ts";

/** A message beyond its bound closes the socket with this code. */
export const TOO_LARGE = 1009;
/** The connection broke; no frame carries it. */
export const BROKEN = 1006;

/** RFC 6455 requires a version and a key of 16 bytes from a client, in addition to `Upgrade`. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** @throws {DenizenError} `malformed`. */
export function checkHandshake({ method, headers }: Request): void {
  const has = (name: string, token: string) =>
    (headers.get(name) ?? "").split(",").some((part) => part.trim().toLowerCase() === token);
  if (method !== "GET") throw wrong(`its method is ${method}`);
  if (!has("upgrade", "websocket")) throw wrong("it has no header upgrade: websocket");
  if (!has("connection", "upgrade")) throw wrong("it has no header connection: upgrade");
  if (headers.get("sec-websocket-version") !== "13") {
    throw wrong("its header sec-websocket-version is not 13");
  }
  if (!KEY.test(headers.get("sec-websocket-key") ?? "")) {
    throw wrong("its header sec-websocket-key is not 16 bytes in base64");
  }
}

export function wrong(reason: string, cause?: unknown): DenizenError {
  return new DenizenError("malformed", `Cannot open a WebSocket as its handshake is wrong: ${reason}`, {
    cause,
  });
}

const encoder = new TextEncoder();

export function isLongerThan(data: SocketData | ArrayBuffer, bytes: number): boolean {
  if (typeof data !== "string") return data.byteLength > bytes;
  // A character of a string is one to three bytes of UTF-8.
  return data.length > bytes || data.length * 3 > bytes && encoder.encode(data).length > bytes;
}

export function tooLargeReason(bytes: number): string {
  return `a message has at most ${bytes} bytes (SOCKET_MESSAGE_BYTES_MAX)`;
}
