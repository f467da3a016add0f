/** What a client hears when the handler, the process, the node or the store fails, and what it does not. */
import assert from "node:assert/strict";
import { errorOf, host, type Hosted, valueOf } from "../../tests/hosted.ts";
import { gate } from "../../tests/gate.ts";
import { DenizenError } from "../errors.ts";
import { DEADLINE_DEFAULT_MS, HTTP_IN_FLIGHT_MAX, MAILBOX_MESSAGES_MAX } from "../limits.ts";
import { Registry } from "../process/registry.ts";
import { memoryStorage } from "../storage/memory.ts";
import { FaultyStorage } from "../testing/faulty_storage.ts";
import { VirtualClock } from "../testing/virtual_clock.ts";
import { Gateway, type GatewayParts } from "./gateway.ts";
import { KnownHosts } from "./host.ts";

const ID = "notebook:tests:denizen.os";
const API = `/${ID}/api`;

/** Lets the node do what it can, by asking it something else. */
async function breathe(node: Hosted): Promise<void> {
  await (await node.get("/healthz")).body!.cancel();
}

Deno.test("a handler that throws is a 500 that tells nothing but where to look, and is logged with its stack", async () => {
  await using node = await host(["notebook"]);
  const { message, data } = await errorOf(await node.post(API, { Fail: null }), "failed");
  assert.equal(message, `Cannot answer Fail of ${ID} as it threw: see the node's log`);
  const [line, ...more] = node.log.filter(({ level }) => level === "error");
  assert.equal(more.length, 0);
  assert.deepEqual([line!.message, line!.fields.process, line!.fields.handler], [
    "handler failed",
    ID,
    "Fail",
  ]);
  assert.equal(line!.fields.trace, data!.trace, "the reply names the line of the log");
  const thrown = line!.fields.error as Error;
  assert.match(thrown.message, /password/);
  assert.match(thrown.stack!, /\n +at Notebook\.fail .*notebook\.ts:/);
  assert.equal(await valueOf(await node.post(API, { Count: null })), 1, "its changes are undone");
});

Deno.test("a refusal tells its text, its data and its status, and is no failure", async () => {
  await using node = await host(["notebook"]);
  const { message, data } = await errorOf(await node.post(API, { Refuse: 7 }), "refused", 404);
  assert.equal(message, "Cannot open the entry as there is none: 7");
  assert.deepEqual(data, { id: 7 });
  assert.deepEqual(node.log.filter(({ level }) => level !== "info"), []);
  assert.equal(await valueOf(await node.post(API, { Count: null })), 1, "its changes are undone");
});

Deno.test("a value or a state that does not fit its type is a 500 that does not show it", async () => {
  await using node = await host(["notebook"]);
  const reply = await errorOf(await node.post(API, { Misreply: null }), "reply_invalid");
  assert.equal(
    reply.message,
    `Cannot answer Misreply of ${ID} as what it returned does not fit its type: see the node's log`,
  );
  const state = await errorOf(await node.post(API, { Misstate: null }), "state_invalid");
  assert.equal(state.message, `Cannot keep the state of ${ID} as it is invalid: see the node's log`);
  assert.deepEqual(await valueOf(await node.post(API, { List: null })), [], "its changes are undone");
  const logged = node.log.filter(({ level }) => level === "error").map(({ fields }) => String(fields.error));
  assert.ok(
    logged.length === 2 && logged.every((text) => text.includes("password") || text.includes("dueDate")),
  );
});

Deno.test("a stored state that cannot be read is a 500 that does not show it", async () => {
  const storage = memoryStorage();
  const record = `{"version":1,"state":{"entries":"the password","calls":0}}`;
  await storage.commit([{ key: ["state", ID], value: new TextEncoder().encode(record) }]);
  await using node = await host(["notebook"], { storage });
  const { message } = await errorOf(await node.post(API, { Count: null }), "state_unreadable");
  assert.equal(message, `Cannot start ${ID} as its stored state cannot be read: see the node's log`);
  assert.ok(node.log.some(({ message, level }) => level === "error" && message === "process stopped"));
});

Deno.test("a reply waits until everything it depends on is durable", async () => {
  const storage = new FaultyStorage(memoryStorage());
  await using node = await host(["notebook"], { storage });
  storage.holdCommits();
  let replied = false;
  const reply = node.post(API, { Count: null }).finally(() => replied = true);
  // This one is handled later and changes nothing, so it answers for the commit it has seen.
  const read = node.post(API, { List: null }).finally(() => replied = true);
  while (storage.held === 0 || node.node.processes[0]!.messages < 2) await breathe(node);
  await breathe(node);
  assert.equal(replied, false);
  storage.release();
  assert.equal(await valueOf(await reply), 1);
  assert.deepEqual(await valueOf(await read), []);
});

Deno.test("a commit that fails is a 503 to try again, without the paths of the machine", async () => {
  const storage = new FaultyStorage(memoryStorage());
  await using node = await host(["notebook"], { storage });
  assert.equal(await valueOf(await node.post(API, { Count: null })), 1);
  const disk = new DenizenError(
    "disk_full",
    "Cannot commit to /var/lib/denizen/state.kv as the disk is full",
  );
  for (
    const [error, code] of [[new Error("/var/lib/denizen broke"), "storage"], [disk, "disk_full"]] as const
  ) {
    storage.failCommits(1, error);
    const reply = await node.post(API, { Count: null });
    assert.equal(reply.headers.get("retry-after"), "1");
    const { message } = await errorOf(reply, code);
    assert.doesNotMatch(message, /\/var/);
    assert.ok(node.log.some(({ fields }) => String(fields.error).includes("/var/lib/denizen")));
  }
  assert.equal(await valueOf(await node.post(API, { Count: null })), 2, "a lost change does not count");
});

Deno.test("a passed deadline is a 504, and what still waits for its turn then never runs", async () => {
  const clock = new VirtualClock();
  await using node = await host(["notebook"], { world: { clock } });
  const reply = node.post(API, { Hold: "deadline" });
  await gate("deadline").entered;
  const waiting = node.post(API, { Count: null });
  while (node.node.processes[0]!.waiting < 1) await breathe(node);
  await clock.advance(DEADLINE_DEFAULT_MS);
  const running = await errorOf(await reply, "timeout");
  assert.equal(running.message, `Cannot answer Hold of ${ID} in time as its handler still runs`);
  const queued = await errorOf(await waiting, "timeout");
  assert.equal(queued.message, `Cannot answer Count of ${ID} in time as it still waits for its turn`);
  gate("deadline").open();
  assert.equal(
    await valueOf(await node.post(API, { Count: null })),
    1,
    "what timed out in the mailbox never ran",
  );
});

Deno.test("a full mailbox is a 503 that says when to come back", async () => {
  await using node = await host(["notebook"]);
  const first = node.post(API, { Hold: "mailbox" });
  await gate("mailbox").entered;
  const waiting = Array.from({ length: MAILBOX_MESSAGES_MAX }, () => node.node.send(ID, { Count: null }));
  const reply = await node.post(API, { Count: null });
  assert.equal(reply.headers.get("retry-after"), "1");
  const { message } = await errorOf(reply, "mailbox_full");
  assert.equal(
    message,
    `Cannot deliver to ${ID} as its mailbox is full: 10000 messages wait (MAILBOX_MESSAGES_MAX)`,
  );
  gate("mailbox").open();
  assert.equal(await valueOf(await first), "mailbox");
  const results = await Promise.all(waiting);
  assert.deepEqual(results.at(-1), { status: "Success", value: MAILBOX_MESSAGES_MAX });
});

Deno.test("a node that drains finishes what it has begun, and refuses the rest with a 503", async () => {
  const node = await host(["notebook"]);
  const begun = node.post(API, { Hold: "drain" });
  await gate("drain").entered;
  const drained = node.node.drain();
  for (const path of [API, "/", "/nothing:at:all/"]) {
    const reply = await node.post(path, { Count: null });
    assert.equal(reply.headers.get("retry-after"), "1");
    await errorOf(reply, "draining");
  }
  gate("drain").open();
  assert.equal(await valueOf(await begun), "drain");
  await drained;
  await assert.rejects(node.get("/healthz"), "nothing listens any more");
});

Deno.test("a node that works on too many requests refuses the next one until one is done", async () => {
  const page = Promise.withResolvers<Response>();
  const nodePages = { fetch: () => page.promise };
  // Only pages are asked for, so nothing else is needed.
  const hosts = new KnownHosts({ hostname: "localhost", origins: new Set(), hosts: [] });
  const parts = { registry: new Registry(), nodePages, hosts, ownership: {} } as unknown as GatewayParts;
  const gateway = new Gateway(parts);
  const connection = { remoteAddr: { hostname: "127.0.0.1" }, completed: Promise.resolve() };
  const ask = () => gateway.fetch(new Request("http://localhost/"), connection);
  const asked = Array.from({ length: HTTP_IN_FLIGHT_MAX }, ask);
  const refused = await ask();
  assert.equal(refused.headers.get("retry-after"), "1");
  const { message } = await errorOf(refused, "overloaded");
  assert.equal(message, "Cannot take the request as 100000 are in flight (HTTP_IN_FLIGHT_MAX)");
  page.resolve(new Response("page"));
  await Promise.all(asked);
  assert.equal((await ask()).status, 200);
});
