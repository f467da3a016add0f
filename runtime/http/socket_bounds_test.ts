/** The bounds of WebSockets: message size, unread bytes, sockets of a node. */
import assert from "node:assert/strict";
import { checkEnvelope, host, valueOf } from "../../tests/hosted.ts";
import { connect, handshake, joined, readReply, writeAll } from "../../tests/raw_http.ts";
import { openClient } from "../../tests/socket_client.ts";
import { systemClock } from "../world/clock.ts";
import { denoNetwork } from "../world/deno_network.ts";
import { MemoryNetwork, settle, VirtualClock } from "@denizen/runtime/testing";
import { SOCKET_BACKLOG_BYTES_MAX, SOCKET_MESSAGE_BYTES_MAX, SOCKET_OPEN_MS } from "../limits.ts";
import { createLog, silentSink } from "../log.ts";
import type { OutputGate } from "../commit/output_gate.ts";
import { Ingress } from "../ingress/ingress.ts";
import type { Cell } from "../process/cell.ts";
import type { WsEvent } from "../process/context.ts";
import type { Activation } from "../process/activation.ts";
import { errorReply } from "./error_reply.ts";
import { SocketTable } from "./sockets.ts";

const HALL = "/room.hall:tests:denizen.os";

Deno.test("a message of exactly the bound is heard, and one byte more closes the socket", async () => {
  await using node = await host(["room"]);
  // Each line: the largest message that is heard, and the smallest that is not.
  const cases: [string | Uint8Array<ArrayBuffer>, string | Uint8Array<ArrayBuffer>][] = [
    [`echo ${"x".repeat(SOCKET_MESSAGE_BYTES_MAX - 5)}`, "x".repeat(SOCKET_MESSAGE_BYTES_MAX + 1)],
    [
      `echo x${"\u00e9".repeat((SOCKET_MESSAGE_BYTES_MAX - 6) / 2)}`,
      "\u20ac".repeat(SOCKET_MESSAGE_BYTES_MAX / 3 + 1),
    ],
    [new Uint8Array(SOCKET_MESSAGE_BYTES_MAX), new Uint8Array(SOCKET_MESSAGE_BYTES_MAX + 1)],
  ];
  for (const [largest, tooLarge] of cases) {
    using client = await openClient(node.url(`${HALL}/ws`));
    await client.text();
    client.send(largest);
    const answer = typeof largest === "string" ? await client.text() : await client.bytes();
    assert.equal(answer.length, typeof largest === "string" ? largest.length - 5 : largest.length);
    client.send(tooLarge);
    assert.deepEqual(await client.closed, {
      code: 1009,
      reason: "a message has at most 1048576 bytes (SOCKET_MESSAGE_BYTES_MAX)",
    });
  }
  // Deno cuts a connection on which something comes behind its close frame.
  using hasty = await openClient(node.url(`${HALL}/ws`));
  hasty.send("x".repeat(SOCKET_MESSAGE_BYTES_MAX + 1));
  hasty.send("echo after it");
  await hasty.closed;
  const heard = await valueOf(await node.post(`${HALL}/api`, { History: null })) as string[];
  assert.deepEqual(heard.filter((line) => line.includes("after it")), []);
});

Deno.test("a client that does not read is given up on at the bound, and its process hears that it left", async () => {
  await using node = await host(["room"]);
  using other = await openClient(node.url(`${HALL}/quiet`));
  await other.text();
  using connection = await connect(node.node.port);
  await writeAll(connection, handshake(`${HALL}/ws`));
  const buffer = new Uint8Array(65_536);
  await connection.read(buffer);
  const slow = () => node.log.filter(({ message }) => message === "socket too slow, closing it");
  let flooded = 0;
  while (slow().length === 0) {
    assert.ok(flooded < 100, "it was closed in time");
    assert.equal(await valueOf(await node.post(`${HALL}/api`, { Flood: [1, 1024 * 1024] })), null);
    assert.equal((await other.text()).length, 1024 * 1024);
    flooded++;
  }
  assert.ok(flooded * 1024 * 1024 > SOCKET_BACKLOG_BYTES_MAX);
  assert.match(await other.text(), /^left \d+$/, "the process has heard, though the client has not");
  const channels = await valueOf(await node.post(`${HALL}/api`, { Channels: null })) as number[];
  assert.equal(channels.length, 1);

  // When it reads at last, it gets what was sent before, and the reason.
  let tail: Uint8Array = new Uint8Array();
  const end = new TextEncoder().encode(
    `more than ${SOCKET_BACKLOG_BYTES_MAX} bytes unread (SOCKET_BACKLOG_BYTES_MAX)`,
  );
  for (let size = await connection.read(buffer); size !== null; size = await connection.read(buffer)) {
    tail = joined(tail, buffer.subarray(0, size)).slice(-end.length - 4);
    if (new TextDecoder().decode(tail).endsWith(new TextDecoder().decode(end))) break;
  }
  assert.deepEqual(tail.slice(-end.length), end);
  assert.deepEqual(tail.slice(-end.length - 4), joined([0x88, end.length + 2, 1008 >> 8, 1008 & 255], end));
  assert.equal(slow().length, 1);
});

/** A process that does nothing but hear. */
function listening(hear: (event: WsEvent) => void): Parameters<SocketTable["attach"]>[0] {
  const cell = {
    definition: { socket: { tag: "@ws" } },
    deliver(activation: Activation) {
      hear(activation.message.args[1] as WsEvent);
      activation.finish(undefined);
    },
  } as unknown as Cell;
  const gate = { isOpen: () => true } as unknown as OutputGate;
  return { directory: { find: () => cell }, ingress: new Ingress(systemClock, gate, {}) };
}

Deno.test("beyond the bound of sockets a node opens none, until one has closed", async () => {
  const closed = Promise.withResolvers<void>();
  const table = new SocketTable(systemClock, createLog(silentSink, () => 0), denoNetwork, 2);
  table.attach(listening(({ type }) => type === "close" && closed.resolve()));
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    try {
      return table.open("room.hall:tests:denizen.os", "/ws", request);
    } catch (error) {
      return errorReply(error);
    }
  });
  const { port } = server.addr;
  const first = await openClient(`ws://127.0.0.1:${port}/`);
  using second = await openClient(`ws://127.0.0.1:${port}/`);
  using connection = await connect(port);
  await writeAll(connection, handshake("/"));
  const { status, headers, body } = await readReply(connection);
  assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
  const { message } = checkEnvelope(body, headers, "overloaded");
  assert.equal(message, "Cannot open a WebSocket as 2 are open (SOCKETS_PER_NODE_MAX)");
  first.close();
  await closed.promise;
  using third = await openClient(`ws://127.0.0.1:${port}/`);
  await table.closeAll();
  for (const client of [second, third]) assert.equal((await client.closed).code, 1012);
});

Deno.test("a handshake counts as a socket, for a bounded time if its client has gone", async () => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork();
  const table = new SocketTable(clock, createLog(silentSink, () => 0), network, 2);
  table.attach(listening(() => {}));
  const { url } = network.listen({ hostname: "127.0.0.1", port: 0 }, (request) => {
    try {
      return table.open("room.hall:tests:denizen.os", "/ws", request);
    } catch (error) {
      return errorReply(error);
    }
  });
  const opened: string[] = [];
  const connect = (name: string) => {
    const events = {
      open: () => opened.push(name),
      message() {},
      close: () => opened.push(`${name} closed`),
    };
    return network.connect(url, events, { messageBytesMax: Infinity, idleMs: 30_000 });
  };
  for (const name of ["gone", "gone too"]) connect(name).close(1000, "");
  connect("early");
  await settle();
  assert.deepEqual(opened, ["gone closed", "gone too closed", "early closed"]);
  await clock.advance(SOCKET_OPEN_MS);
  for (const name of ["one", "two", "three"]) connect(name);
  await settle();
  assert.deepEqual(opened.slice(3), ["one", "two", "three closed"]);
  await clock.advance(SOCKET_OPEN_MS);
  connect("four");
  await settle();
  assert.deepEqual(opened.slice(6), ["four closed"], "open sockets count for as long as they are open");
});
