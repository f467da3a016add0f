/** HTTP as it should not be written, and as Deno lets it through: the node answers, and goes on. */
import assert from "node:assert/strict";
import { host, type Hosted, valueOf } from "../../tests/hosted.ts";
import {
  connect,
  handshake,
  joined,
  rawRequest,
  readReply,
  readToEnd,
  sendRaw,
  writeAll,
} from "../../tests/raw_http.ts";

const ID = "notebook:tests:denizen.os";
const API = `/${ID}/api`;
const COUNT = '{"Count":null}';

Deno.test("requests behind one another on a connection are answered in their order", async () => {
  await using node = await host(["notebook"]);
  using connection = await connect(node.node.port);
  const request = (tag: string) =>
    `POST ${API} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${tag.length}\r\n\r\n${tag}`;
  await writeAll(connection, request(COUNT) + request(COUNT) + request('{"Nope":null}') + request(COUNT));
  const text = await readUntil(connection, 4);
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), [
    "HTTP/1.1 200",
    "HTTP/1.1 200",
    "HTTP/1.1 400",
    "HTTP/1.1 200",
  ]);
  assert.equal(await valueOf(await node.post(API, COUNT)), 4);
});

async function readUntil(connection: Deno.TcpConn, replies: number): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  while ((text.match(/HTTP\/1\.1 /g) ?? []).length < replies || !text.trimEnd().match(/[\d}]$/)) {
    const size = await connection.read(buffer);
    assert.ok(size !== null, text);
    text += new TextDecoder().decode(buffer.subarray(0, size));
  }
  return text;
}

Deno.test("a request with two lengths reaches no process", async () => {
  await using node = await host(["notebook"]);
  const chunked = `${COUNT.length.toString(16)}\r\n${COUNT}\r\n0\r\n\r\n`;
  const smuggled = [
    ["Content-Length: 14", "Transfer-Encoding: chunked"],
    ["Content-Length: 14", "Content-Length: 15"],
    ["Content-Length: 14, 15"],
    ["Content-Length: +14"],
    ["Content-Length: -1"],
    ["Transfer-Encoding: chunked, identity"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding : chunked"],
  ];
  for (const headers of smuggled) {
    const head = [`POST ${API} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers, "", ""].join(
      "\r\n",
    );
    for (const body of [chunked, COUNT]) {
      const { status } = await sendRaw(node.node.port, head + body);
      assert.equal(status, 400, `${headers.join(", ")} ${body}`);
    }
  }
  assert.equal(await valueOf(await node.post(API, COUNT)), 1);
});

Deno.test("odd request lines and methods are answered, not crashed upon", async () => {
  await using node = await host(["notebook", "site"]);
  const cases: [string, number][] = [
    ["OPTIONS *", 404],
    ["CONNECT localhost:80", 400],
    [`TRACE ${API}`, 405],
    [`BREW ${API}`, 405],
    [`get ${API}`, 405],
    [`GET http://localhost:99${API}`, 405],
    ["GET http://localhost/healthz", 200],
    ["GET http://elsewhere.example/healthz", 421],
    ["GET /healthz?", 200],
    ["GET /healthz#part", 200],
    ["GET ///", 404],
    [`GET ${API}\\..\\api`, 404],
    ["GET /healthz/../healthz", 404],
    [`GET /${"a".repeat(10_000)}`, 404],
    [`GET /${":".repeat(10_000)}/`, 400],
    ["GET /site:tests:denizen.os/%00", 404],
    ["GET /\u00e9", 404],
    ["GET healthz", 400],
    ["GET /a b", 400],
  ];
  for (const [line, expected] of cases) {
    const { status, body } = await sendRaw(node.node.port, rawRequest(line));
    assert.equal(status, expected, `${line.slice(0, 80)}: ${body.slice(0, 200)}`);
    assert.ok(body.length < 12_000);
  }
  assert.deepEqual(node.log.filter(({ level }) => level === "error"), []);
});

Deno.test("a malformed Host header disturbs no other request", async () => {
  await using node = await host(["notebook", "shelf"]);
  for (const value of ["", "[", "a b", "\u00e9", "x:99999999", "a/b?c#d", "x@y", "localhost, other"]) {
    const body = '{"Request":null}';
    const request = [
      `POST ${API} HTTP/1.1`,
      `Host: ${value}`,
      "Connection: close",
      `Content-Length: ${body.length}`,
      "",
      body,
    ];
    const reply = await sendRaw(node.node.port, request.join("\r\n"));
    assert.ok([200, 400, 404, 405].includes(reply.status), `${value}: ${reply.status} ${reply.body}`);
    const search = [
      `GET /shelf.a:tests:denizen.os/search?minPages=1 HTTP/1.1`,
      `Host: ${value}`,
      "Connection: close",
      "",
      "",
    ];
    const found = await sendRaw(node.node.port, search.join("\r\n"));
    assert.ok([200, 400, 404].includes(found.status), `${value}: ${found.status} ${found.body}`);
  }
  const without = await sendRaw(node.node.port, `GET /healthz HTTP/1.0\r\n\r\n`);
  assert.equal(without.status, 200);
  assert.deepEqual(node.log.filter(({ level }) => level === "error"), []);
});

Deno.test("a client that goes away while its call runs does not stop it", async () => {
  await using node = await host(["notebook"]);
  {
    using connection = await connect(node.node.port);
    await writeAll(connection, rawRequest(`POST ${API}`, COUNT));
  }
  {
    using connection = await connect(node.node.port);
    await writeAll(connection, rawRequest(`POST ${API}`, COUNT));
    await readReply(connection);
  }
  const counted = await valueOf(await node.post(API, COUNT)) as number;
  assert.ok(counted === 2 || counted === 3);
  assert.deepEqual(node.log.filter(({ level }) => level === "error"), []);
});

/** The last thing the room has heard, once that is of a kind. */
async function lastHeard(node: Hosted, kind: RegExp): Promise<string> {
  for (;;) {
    const heard = await valueOf(
      await node.post("/room.hall:tests:denizen.os/api", { History: null }),
    ) as string[];
    if (kind.test(heard.at(-1)!)) return heard.at(-1)!;
  }
}

/** One frame of a client, masked unless told otherwise. */
function frame(first: number, payload: number[], masked = true): Uint8Array {
  const mask = [1, 2, 3, 4];
  const { length } = payload;
  const size = length < 126 ? [length] : [126, length >> 8, length & 255];
  if (!masked) return joined([first], size, payload);
  size[0]! |= 0x80;
  return joined([first], size, mask, payload.map((byte, at) => byte ^ mask[at % 4]!));
}

Deno.test("a WebSocket frame that breaks the protocol ends its socket, and nothing else", async () => {
  await using node = await host(["room"]);
  const broken: Record<string, Uint8Array> = {
    "text that is not UTF-8": frame(0x81, [0xff, 0xfe]),
    "a reserved opcode": frame(0x83, [1]),
    "reserved bits": frame(0xf1, [1]),
    "more bytes than there are": joined([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]),
    "a ping of 200 bytes": frame(0x89, Array.from({ length: 200 }, () => 1)),
    "a close frame of one byte": frame(0x88, [3]),
    "the end of what has not begun": frame(0x80, [1]),
    "a reason that is not UTF-8": frame(0x88, [3, 232, 0xff]),
  };
  for (const [name, bytes] of Object.entries(broken)) {
    using connection = await connect(node.node.port);
    await writeAll(connection, handshake("/room.hall:tests:denizen.os/ws"));
    await connection.read(new Uint8Array(4_096));
    await writeAll(connection, bytes);
    await readToEnd(connection);
    assert.match(await lastHeard(node, /^close/), /^close \d+ 1006 $/, name);
  }
  using connection = await connect(node.node.port);
  await writeAll(connection, handshake("/room.hall:tests:denizen.os/ws"));
  await connection.read(new Uint8Array(4_096));
  const parts = ["echo in", " parts"].map((part) => [...new TextEncoder().encode(part)]);
  await writeAll(connection, joined(frame(0x01, parts[0]!), frame(0x80, parts[1]!)));
  const buffer = new Uint8Array(4_096);
  let text = "";
  while (!text.includes("in parts")) {
    text += new TextDecoder().decode(buffer.subarray(0, (await connection.read(buffer))!));
  }
  assert.deepEqual(node.log.filter(({ level }) => level !== "debug"), []);
});
