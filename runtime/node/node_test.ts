/**
 * A node from its start to its end: when it answers, what a drain waits for and for how long, and what is
 * gone afterwards.
 */
import assert from "node:assert/strict";
import * as path from "node:path";
import { gate } from "../../tests/gate.ts";
import { errorOf, host, type Hosted, valueOf } from "../../tests/hosted.ts";
import { connect, parseReply, readReply, readToEnd, writeAll } from "../../tests/raw_http.ts";
import { DRAIN_DEADLINE_MS } from "../limits.ts";
import { memoryStorage } from "../storage/memory.ts";
import { VirtualClock } from "../testing/virtual_clock.ts";

const ID = "notebook:tests:denizen.os";
const API = `/${ID}/api`;

function warnings({ log }: Hosted): [string, unknown][] {
  return log.filter(({ level }) => level === "warn").map(({ message, fields }) => [message, fields.busy]);
}

Deno.test("a node tells where it is, and answers there when its start resolves", async () => {
  for (const hostname of ["127.0.0.1", "localhost"]) {
    await using node = await host(["notebook"], { hostname, name: "ada" });
    assert.equal(node.node.url, `http://127.0.0.1:${node.node.port}`);
    assert.ok(node.node.port > 0);
    assert.deepEqual(await valueOf(await node.get("/healthz")), { status: "ok", node: "ada" });
  }
});

Deno.test("a process without a key is there from the start, one with keys from its first message on", async () => {
  await using node = await host(["notebook", "shelf"]);
  assert.deepEqual(node.node.processes.map(({ id }) => id), [ID]);
  await (await node.get("/shelf.a:tests:denizen.os/books")).body!.cancel();
  assert.deepEqual(node.node.processes.map(({ id }) => id), [ID, "shelf.a:tests:denizen.os"]);
});

Deno.test("a node publishes where it is in its data folder, for its owner only, as long as it runs", async () => {
  const data = await Deno.makeTempDir({ prefix: "node_" });
  const file = path.join(data, "node.json");
  const node = await host(["notebook"], { data, name: "ada" });
  const { token, started, ...info } = JSON.parse(await Deno.readTextFile(file));
  assert.deepEqual(info, { pid: Deno.pid, url: node.node.url, name: "ada" });
  assert.ok(token.length >= 64 && started > 0);
  assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
  await node.node.drain();
  await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
  await Deno.remove(data, { recursive: true });
});

Deno.test("a drain is done once, however often it is asked for, and frees port and store", async () => {
  const storage = memoryStorage();
  const node = await host(["notebook"], { storage });
  const { port } = node.node;
  assert.equal(await valueOf(await node.post(API, { Count: null })), 1);
  const drained = node.node.drain();
  assert.equal(node.node.drain({ deadlineMs: 0 }), drained);
  await drained;
  await using next = await host(["notebook"], { storage, port });
  assert.equal(await valueOf(await next.post(API, { Count: null })), 2);
});

Deno.test("a node that has drained answers calls with an error", async () => {
  const node = await host(["notebook"]);
  await node.node.drain();
  const result = await node.node.send(ID, { Count: null });
  assert.ok(result.status !== "Success" && result.error.code === "draining", JSON.stringify(result));
});

Deno.test("a drain waits for handlers and for those that they call, and their clients get their answers", async () => {
  await using node = await host(["notebook"]);
  const first = node.post(API, { Hold: "first" });
  await gate("first").entered;
  const second = node.post(API, { Count: null });
  while (node.node.processes[0]!.waiting < 1) await (await node.get("/healthz")).body!.cancel();
  const drained = node.node.drain();
  gate("first").open();
  assert.equal(await valueOf(await first), "first");
  assert.equal(await valueOf(await second), 1);
  await drained;
  assert.deepEqual(warnings(node), []);
});

Deno.test("a drain gives up on a handler at its deadline, names it, and its client is answered all the same", async () => {
  const clock = new VirtualClock();
  const node = await host(["notebook"], { world: { clock } });
  const held = node.post(API, { Hold: "forever" });
  await gate("forever").entered;
  const waiting = node.post(API, { Count: null });
  while (node.node.processes[0]!.waiting < 1) await (await node.get("/healthz")).body!.cancel();
  const drained = node.node.drain();
  await clock.advance(DRAIN_DEADLINE_MS);
  for (const reply of [await held, await waiting]) await errorOf(reply, "draining");
  await drained;
  assert.deepEqual(warnings(node), [["handlers did not finish in time", [ID]]]);
  gate("forever").open();
});

Deno.test("connections on which no request has begun do not hold a drain", async () => {
  const clock = new VirtualClock();
  const node = await host(["notebook"], { world: { clock } });
  using silent = await connect(node.node.port);
  using kept = await connect(node.node.port);
  await writeAll(kept, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await readReply(kept);
  using halfHead = await connect(node.node.port);
  await writeAll(halfHead, "GET /healthz HTTP/1.1\r\nHos");
  await (await node.get("/healthz")).body!.cancel();
  await node.node.drain();
  for (const connection of [silent, kept, halfHead]) assert.equal((await readToEnd(connection)).length, 0);
});

Deno.test("a request that never ends holds a drain until its deadline, and is cut", async () => {
  const clock = new VirtualClock();
  const node = await host(["notebook"], { world: { clock } });
  using half = await connect(node.node.port);
  await writeAll(half, `POST ${API} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"Count"`);
  await (await node.get("/healthz")).body!.cancel();
  const drained = node.node.drain();
  await clock.advance(DRAIN_DEADLINE_MS);
  await drained;
  assert.doesNotMatch(new TextDecoder().decode(await readToEnd(half)), /^HTTP\/1.1 200/);
});

Deno.test("a client that is slow to take its reply gets all of it, though the node drains", async () => {
  const clock = new VirtualClock();
  const node = await host(["notebook"], { world: { clock } });
  const text = "x".repeat(7_000_000);
  const body = JSON.stringify({ Echo: text });
  using slow = await connect(node.node.port);
  await writeAll(
    slow,
    `POST ${API} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  while (node.node.processes[0]!.messages < 1) await (await node.get("/healthz")).body!.cancel();
  const drained = node.node.drain();
  const reply = parseReply(new TextDecoder().decode(await readToEnd(slow)));
  await drained;
  assert.deepEqual([reply.status, reply.body.length], [200, text.length + 2]);
});

Deno.test("a reply that is still being streamed ends with the drain's deadline", async () => {
  const clock = new VirtualClock();
  const node = await host(["shelf"], { world: { clock } });
  const reply = await node.get("/shelf.a:tests:denizen.os/drip");
  const reader = reply.body!.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "drop ");
  const drained = node.node.drain();
  await clock.advance(DRAIN_DEADLINE_MS);
  await drained;
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  });
});
