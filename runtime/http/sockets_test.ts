/**
 * WebSockets as clients and processes see them: events, messages, closing from either side, and what happens
 * to the process.
 */
import assert from "node:assert/strict";
import { gate } from "../../tests/gate.ts";
import { errorOf, host, type Hosted, valueOf } from "../../tests/hosted.ts";
import { type Client, openClient } from "../../tests/socket_client.ts";
import { connect, handshake, rawRequest, readReply, sendRaw, writeAll } from "../../tests/raw_http.ts";
import { SOCKET_CLOSE_MS } from "../limits.ts";
import { memoryStorage } from "../storage/memory.ts";
import { FaultyStorage } from "../testing/faulty_storage.ts";
import { VirtualClock } from "../testing/virtual_clock.ts";

const HALL = "/room.hall:tests:denizen.os";
const CELLAR = "/room.cellar:tests:denizen.os";

/** A client that is in, and its channel's number. */
async function enter(node: Hosted, path: string): Promise<Client & { channel: number }> {
  const client = await openClient(node.url(path));
  const { channel } = JSON.parse(await client.text());
  return Object.assign(client, { channel });
}

async function heard(node: Hosted, room = HALL): Promise<string[]> {
  return await valueOf(await node.post(`${room}/api`, { History: null })) as string[];
}

/** Waits until the room has heard what `last` says: the node answers in the order in which it hears. */
async function heardUntil(node: Hosted, last: RegExp): Promise<string[]> {
  for (;;) {
    const lines = await heard(node);
    if (lines.some((line) => last.test(line))) return lines;
  }
}

Deno.test("a process hears who comes in, with path, query and headers", async () => {
  await using node = await host(["room"]);
  const { port } = node.node;
  using client = await openClient(`ws://127.0.0.1:${port}${HALL}/ws?name=Ann%20B&a=1&a=2&__proto__=x`, {
    "x-given": "thing",
  });
  const { channel, ...open } = JSON.parse(await client.text());
  assert.deepEqual(open, {
    path: "/ws",
    query: JSON.parse('{"name":"Ann B","a":"2","__proto__":"x"}'),
    given: "thing",
  });
  assert.ok(Number.isInteger(channel) && channel > 0 && channel < 2 ** 32);
  assert.deepEqual(await heard(node), [`open ${channel} /ws`]);
});

Deno.test("text and bytes go both ways, as they are", async () => {
  await using node = await host(["room"]);
  using client = await enter(node, `${HALL}/ws`);
  client.send("echo h\u00e9llo \u{1f600}");
  assert.equal(await client.text(), "h\u00e9llo \u{1f600}");
  client.send(new Uint8Array([1, 0, 255]));
  assert.deepEqual(await client.bytes(), new Uint8Array([255, 0, 1]));
  client.send(new Uint8Array());
  assert.deepEqual(await client.bytes(), new Uint8Array());
});

Deno.test("a broadcast reaches every client of the process, or of one of its paths, and no other process's", async () => {
  await using node = await host(["room"]);
  using loud = await enter(node, `${HALL}/ws`);
  using other = await enter(node, `${HALL}/ws`);
  using quiet = await enter(node, `${HALL}/quiet`);
  using cellar = await enter(node, `${CELLAR}/ws`);
  loud.send("all to everyone");
  for (const client of [loud, other, quiet]) assert.equal(await client.text(), "to everyone");
  loud.send("path /quiet to the quiet");
  assert.equal(await quiet.text(), "to the quiet");
  loud.send("channels");
  assert.deepEqual(JSON.parse(await loud.text()), {
    all: [loud.channel, other.channel, quiet.channel],
    quiet: [quiet.channel],
  });
  loud.send(`stray ${cellar.channel}`);
  loud.send(`stray ${2 ** 32 - 1}`);
  cellar.send("echo still alone");
  assert.equal(await cellar.text(), "still alone", "a channel of another process cannot be used");
  other.send("echo nothing between");
  assert.equal(await other.text(), "nothing between");
  await errorOf(await node.post(`${HALL}/api`, { Announce: 5 }), "invalid_argument");
  assert.equal(await valueOf(await node.post(`${HALL}/api`, { Announce: "from a request" })), null);
  for (const client of [loud, other, quiet]) assert.equal(await client.text(), "from a request");
});

Deno.test("a process hears a client's events in their order, however fast they come", async () => {
  await using node = await host(["room"]);
  using client = await enter(node, `${HALL}/ws`);
  const { channel } = client;
  const lines = Array.from({ length: 500 }, (_, at) => `line ${at}`);
  for (const line of lines) client.send(line);
  client.close(4000, "done");
  assert.deepEqual(await heardUntil(node, /^close/), [
    `open ${channel} /ws`,
    ...lines.map((line) => `message ${channel} ${line}`),
    `close ${channel} 4000 done`,
  ]);
});

Deno.test("either side may close, and each hears the other's code and reason", async () => {
  await using node = await host(["room"]);
  using first = await enter(node, `${HALL}/ws`);
  using second = await enter(node, `${HALL}/ws`);
  first.close(3001, "bye");
  assert.equal(await second.text(), `left ${first.channel}`);
  second.send("close 4321 enough");
  assert.deepEqual(await second.closed, { code: 4321, reason: "enough" });
  const lines = await heardUntil(node, new RegExp(`^close ${second.channel}`));
  assert.deepEqual(lines.filter((line) => line.startsWith("close")), [
    `close ${first.channel} 3001 bye`,
    `close ${second.channel} 4321 enough`,
  ]);
});

Deno.test("every close code that the protocol lets an application send arrives at the client", async () => {
  await using node = await host(["room"]);
  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4999]) {
    using client = await enter(node, `${HALL}/ws`);
    client.send(`close ${code} why`);
    assert.deepEqual(await client.closed, { code, reason: "why" });
  }
});

Deno.test("a close code that no frame carries is the handler's failure, and closes nothing", async () => {
  await using node = await host(["room"]);
  using client = await enter(node, `${HALL}/ws`);
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1.5, NaN]) client.send(`close ${code} why`);
  client.send("echo still open");
  assert.equal(await client.text(), "still open");
  assert.equal(node.log.filter(({ message }) => message === "handler failed").length, 10);
});

Deno.test("a reason that is too long for a close frame is cut between two characters", async () => {
  await using node = await host(["room"]);
  using client = await enter(node, `${HALL}/ws`);
  client.send(`close 4000 ${"\u00e9".repeat(100)}`);
  assert.deepEqual(await client.closed, { code: 4000, reason: "\u00e9".repeat(61) });
});

Deno.test("a client that vanishes has closed, and is sent nothing more", async () => {
  await using node = await host(["room"]);
  using other = await enter(node, `${HALL}/ws`);
  {
    using connection = await connect(node.node.port);
    await writeAll(connection, handshake(`${HALL}/ws`));
    await connection.read(new Uint8Array(4_096));
    other.send("channels");
    while (JSON.parse(await other.text()).all.length < 2) other.send("channels");
  }
  assert.match(await other.text(), /^left \d+$/);
  assert.match((await heard(node)).at(-1)!, /^close \d+ 1006 $/);
  assert.deepEqual(await valueOf(await node.post(`${HALL}/api`, { Channels: null })), [other.channel]);
});

Deno.test("what a handler sends is what the data was when it was sent", async () => {
  await using node = await host(["room"]);
  using client = await enter(node, `${HALL}/ws`);
  client.send("snapshot");
  assert.deepEqual(JSON.parse(await client.text()), { text: "as it was sent" });
  client.send("bytes");
  assert.deepEqual(await client.bytes(), new Uint8Array([1, 2, 3]));
});

Deno.test("what a handler sends leaves when its changes are durable, and not before", async () => {
  const storage = new FaultyStorage(memoryStorage());
  await using node = await host(["room"], { storage });
  using client = await enter(node, `${HALL}/ws`);
  storage.holdCommits();
  client.send("echo durable");
  const announced = node.post(`${HALL}/api`, { Announce: "durable too" });
  while (storage.held === 0) await node.get("/healthz").then((page) => page.body!.cancel());
  assert.equal(client.received, 0);
  storage.release();
  assert.equal(await client.text(), "durable");
  assert.equal(await client.text(), "durable too");
  assert.equal(await valueOf(await announced), null);
});

Deno.test("what a handler sends is never sent when its changes are lost or it throws", async () => {
  const storage = new FaultyStorage(memoryStorage());
  await using node = await host(["room"], { storage });
  using client = await enter(node, `${HALL}/ws`);
  using other = await enter(node, `${HALL}/ws`);
  client.send("fail");
  client.send("echo kept");
  assert.equal(await client.text(), "kept");
  storage.failCommits(1);
  client.send("echo lost");
  assert.deepEqual(await client.closed, { code: 1013, reason: "storage" }, "it is told so");
  assert.equal(await other.text(), `left ${client.channel}`);
  other.send("echo kept too");
  assert.equal(await other.text(), "kept too");
  const messages = (await heard(node)).filter((event) => event.startsWith("message"));
  assert.deepEqual(messages, [
    `message ${client.channel} echo kept`,
    `message ${other.channel} echo kept too`,
  ]);
});

Deno.test("a handler that refuses or fails when a client comes in closes the socket and says why", async () => {
  await using node = await host(["room"]);
  using refused = await openClient(node.url(`${HALL}/ws?refuse`));
  assert.deepEqual(await refused.closed, {
    code: 1008,
    reason: "Cannot come in as the room is private",
  });
  using failed = await openClient(node.url(`${HALL}/ws?fail`));
  assert.deepEqual(await failed.closed, { code: 1011, reason: "failed" });
});

Deno.test("a socket whose process has a full mailbox is closed with a code that says to come back", async () => {
  const clock = new VirtualClock();
  await using node = await host(["room"], { world: { clock } });
  using client = await enter(node, `${HALL}/ws`);
  client.send("hold full");
  await gate("full").entered;
  const waiting = Array.from(
    { length: 10_000 },
    () => node.node.send("room.hall:tests:denizen.os", { Note: null }),
  );
  client.send("one too many");
  assert.deepEqual(await client.closed, { code: 1013, reason: "mailbox_full" });
  using late = await openClient(node.url(`${HALL}/ws`));
  assert.deepEqual(await late.closed, { code: 1013, reason: "mailbox_full" });
  gate("full").open();
  await Promise.all(waiting);
});

Deno.test("a socket outlives the memory of its process", async () => {
  await using node = await host(["room"]);
  using client = await enter(node, `${HALL}/ws`);
  assert.equal(await node.node.evict("room.hall:tests:denizen.os"), true);
  assert.deepEqual(node.node.processes, []);
  client.send("echo awake again");
  assert.equal(await client.text(), "awake again");
  assert.equal(await node.node.evict("room.hall:tests:denizen.os"), true);
  assert.equal(await valueOf(await node.post(`${HALL}/api`, { Announce: "to all" })), null);
  assert.equal(await client.text(), "to all");
  assert.deepEqual((await heard(node)).map((line) => line.split(" ")[0]), ["open", "message", "announced"]);
});

Deno.test("a socket message that waits too long closes the socket, for it was not handled", async () => {
  const clock = new VirtualClock();
  await using node = await host(["room"], { world: { clock } });
  using holder = await enter(node, `${HALL}/ws`);
  using client = await enter(node, `${HALL}/ws`);
  holder.send("hold late");
  await gate("late").entered;
  client.send("echo in vain");
  while (node.node.processes[0]!.waiting < 1) await node.get("/healthz").then((page) => page.body!.cancel());
  await clock.advance(30_000);
  assert.deepEqual(await client.closed, { code: 1013, reason: "timeout" });
  gate("late").open();
});

Deno.test("a node that drains tells its clients to come back, and their processes that they left", async () => {
  const storage = memoryStorage();
  const node = await host(["room"], { storage });
  using first = await enter(node, `${HALL}/ws`);
  using second = await enter(node, `${CELLAR}/quiet`);
  await node.node.drain();
  for (const client of [first, second]) {
    assert.deepEqual(await client.closed, {
      code: 1012,
      reason: "the node is shutting down",
    });
  }
  await using next = await host(["room"], { storage });
  assert.deepEqual(await heard(next), [
    `open ${first.channel} /ws`,
    `close ${first.channel} 1012 the node is shutting down`,
  ]);
  assert.deepEqual((await heard(next, CELLAR)).length, 2);
});

Deno.test("a node that drains does not wait for a client that does not answer", async () => {
  const storage = memoryStorage();
  const clock = new VirtualClock();
  const node = await host(["room"], { storage, world: { clock } });
  using connection = await connect(node.node.port);
  await writeAll(connection, handshake(`${HALL}/ws`));
  await connection.read(new Uint8Array(4_096));
  assert.match((await heardUntil(node, /^open/))[0]!, /^open \d+ \/ws$/);
  const drained = node.node.drain();
  await clock.advance(SOCKET_CLOSE_MS);
  await drained;
  await using next = await host(["room"], { storage });
  assert.match((await heard(next)).at(-1)!, /^close \d+ 1012 the node is shutting down$/);
});

Deno.test("an incomplete WebSocket handshake gets an error that names what is missing", async () => {
  await using node = await host(["room"]);
  const plain = await node.get(`${HALL}/ws`);
  assert.equal(plain.headers.get("upgrade"), "websocket");
  const { message } = await errorOf(plain, "upgrade_required");
  assert.equal(
    message,
    `Cannot GET ${HALL}/ws as it is a WebSocket endpoint: connect with "Upgrade: websocket"`,
  );
  const posted = await node.post(`${HALL}/ws`, {});
  assert.equal(posted.headers.get("allow"), "GET, HEAD, OPTIONS");
  await errorOf(posted, "method_not_allowed");
  const { port } = node.node;
  const keyless = rawRequest(`GET ${HALL}/ws`, "", ["Upgrade: websocket"]);
  const reply = await sendRaw(port, keyless);
  assert.equal(reply.status, 400);
  assert.match(JSON.parse(reply.body).error.message, /^Cannot open a WebSocket as its handshake is wrong: /);
  for (
    const path of [`${HALL}/elsewhere`, `${HALL}/api`, "/room:tests:denizen.os/ws", "/nothing:at:all/ws"]
  ) {
    using connection = await connect(port);
    await writeAll(connection, handshake(path));
    const { status } = await readReply(connection);
    assert.ok(status === 404 || status === 405, `${path}: ${status}`);
  }
  assert.deepEqual(node.node.processes, []);
  assert.deepEqual(node.log.filter(({ level }) => level === "error"), []);
});
