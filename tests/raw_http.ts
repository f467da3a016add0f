/** HTTP as bytes on a connection, for requests that `fetch` would never send. */

interface RawReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const encoder = new TextEncoder();

function bytesOf(text: string | Uint8Array | number[]): Uint8Array {
  if (typeof text === "string") return encoder.encode(text);
  return Array.isArray(text) ? new Uint8Array(text) : text;
}

export function joined(...parts: (string | Uint8Array | number[])[]): Uint8Array {
  const all = parts.map(bytesOf);
  const bytes = new Uint8Array(all.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of all) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

export async function connect(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  return connection;
}

export async function writeAll(connection: Deno.TcpConn, content: string | Uint8Array): Promise<void> {
  const bytes = bytesOf(content);
  for (let written = 0; written < bytes.length;) written += await connection.write(bytes.subarray(written));
}

/** Everything that the server sends until it closes the connection. */
export async function readToEnd(connection: Deno.TcpConn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(65_536);
  try {
    for (let size = await connection.read(buffer); size !== null; size = await connection.read(buffer)) {
      parts.push(buffer.slice(0, size));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return joined(...parts);
}

/** One reply, which must state its length; the connection may stay open after it. */
export async function readReply(connection: Deno.TcpConn): Promise<RawReply> {
  const buffer = new Uint8Array(65_536);
  let bytes: Uint8Array = new Uint8Array();
  for (let size = await connection.read(buffer); size !== null; size = await connection.read(buffer)) {
    bytes = joined(bytes, buffer.subarray(0, size));
    const text = new TextDecoder().decode(bytes);
    if (!text.includes("\r\n\r\n")) continue;
    const reply = parseReply(text);
    if (bytesOf(reply.body).length >= Number(reply.headers.get("content-length"))) return reply;
  }
  throw new Error(`the connection closed after ${bytes.length} bytes of a reply`);
}

/** Sends one request, which must ask for the connection to be closed, and reads the reply. */
export async function sendRaw(port: number, request: string | Uint8Array): Promise<RawReply> {
  using connection = await connect(port);
  await writeAll(connection, request);
  return parseReply(new TextDecoder().decode(await readToEnd(connection)));
}

/** One request with its line and body as given, and every header the server needs. */
export function rawRequest(line: string, body: string | Uint8Array = "", headers: string[] = []): Uint8Array {
  const bytes = bytesOf(body);
  const length = bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : [];
  const head = [`${line} HTTP/1.1`, "Host: localhost", "Connection: close", ...length, ...headers, "", ""];
  return joined(head.join("\r\n"), bytes);
}

/** A request that opens a WebSocket. */
export function handshake(path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    "",
  ].join("\r\n");
}

export function parseReply(text: string): RawReply {
  const end = text.indexOf("\r\n\r\n");
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { status: Number(first!.split(" ")[1]), headers, body: text.slice(end + 4) };
}
