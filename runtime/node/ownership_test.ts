/** Nodes that share a store (G1): one owns it, and the other is refused or takes over. */
import assert from "node:assert/strict";
import type { Json } from "@denizen/macro";
import { hostDefinitions, type Node } from "@denizen/runtime";
import { memoryStorage, type Storage } from "@denizen/runtime/storage";
import { FaultyStorage, settle, VirtualClock } from "@denizen/runtime/testing";
import { actors, add, idOf, stage } from "../../tests/actors.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";
import { FENCE_LEASE_MS, FENCE_RENEW_MS } from "../limits.ts";

/** A machine that reaches a store over a network, with a clock of its own. */
function machine(store: Storage, name: string) {
  stage.reset();
  const clock = new VirtualClock({ seed: name.length });
  const storage = new FaultyStorage(store, { shared: true });
  const start = (takeOver = false): Promise<Node> =>
    hostDefinitions([actors], { storage, world: { clock }, name, takeOver, port: 0 });
  return { clock, storage, start };
}

const API = `/${idOf("a")}/api`;

/**
 * Asks in every way that there is, and returns the outcomes: reads, writes, and a process that saves nothing.
 */
async function askAll(node: Node): Promise<string[]> {
  const outcomes: string[] = [];
  for (const body of BODIES) {
    const reply = await fetch(node.url + API, { method: "POST", body: JSON.stringify(body) });
    const { error } = await reply.json().then((value) => Object(value));
    outcomes.push(
      error ? `${reply.status} ${error.code} ${reply.headers.get("retry-after")}` : `${reply.status}`,
    );
    const sent = await node.send(idOf("a"), body);
    outcomes.push(sent.status === "Success" ? "200" : sent.error.code);
  }
  const read = await localRpc(node, "a").read();
  outcomes.push(read.status === "Success" ? "200" : read.error.code);
  return [...new Set(outcomes)];
}

const BODIES: Json[] = ["Read", { Add: 1 }, { PerformVolatile: [] }];
const LOST = ["503 lost_ownership 1", "lost_ownership"];

Deno.test("a second node on a shared store is refused while the first runs, and starts when it has stopped", async () => {
  const store = memoryStorage("https://kv.example.com");
  const [one, two] = [machine(store, "first"), machine(store, "second")];
  const first = await one.start();
  const refused = assert.rejects(two.start(), { code: "data_locked", message: /node "first" owns it/ });
  await settle();
  await one.clock.advance(FENCE_RENEW_MS + 250);
  await refused;
  assert.equal((await localRpc(first, "a").add(5)).status, "Success");
  await first.drain();
  await using second = await two.start();
  assert.deepEqual(await localRpc(second, "a").read(), { status: "Success", value: 5 });
});

Deno.test("a node whose store was taken over refuses all messages, and its successor has everything acknowledged", async () => {
  const store = memoryStorage();
  const [one, two] = [machine(store, "first"), machine(store, "second")];
  const first = await one.start();
  assert.deepEqual(await localRpc(first, "a").add(5), { status: "Success", value: 5 });
  await using second = await two.start(true);
  await one.clock.advance(FENCE_RENEW_MS + 250);
  assert.deepEqual(await askAll(first), LOST);
  assert.deepEqual(await localRpc(second, "a").add(1), { status: "Success", value: 6 });
  await first.kill();
});

Deno.test("a write that meets a new owner is answered with lost_ownership, and so is all that follows", async () => {
  const store = memoryStorage();
  const [one, two] = [machine(store, "first"), machine(store, "second")];
  const first = await one.start();
  await localRpc(first, "a").add(5);
  await using second = await two.start(true);
  const late = await localRpc(first, "a").add(100);
  assert.equal(late.status === "Success" || late.error.code, "lost_ownership");
  assert.deepEqual(await askAll(first), LOST);
  assert.deepEqual(await localRpc(second, "a").read(), { status: "Success", value: 5 });
  await first.kill();
});

Deno.test("a node that cannot reach its store answers what waits and what comes with lost_ownership within 5 s", async () => {
  const { clock, storage, start } = machine(memoryStorage(), "first");
  const node = await start();
  await localRpc(node, "a").add(5);
  storage.holdCommits();
  const waiting = fetch(node.url + API, { method: "POST", body: '{"Add":1}' });
  const local = localRpc(node, "b").perform([add(1)]);
  while (storage.held === 0) await fetch(`${node.url}/healthz`).then((reply) => reply.body?.cancel());
  await clock.advance(FENCE_LEASE_MS + 250);
  assert.equal((await (await waiting).json()).error.code, "lost_ownership");
  const answer = await local;
  assert.equal(answer.status === "Success" || answer.error.code, "lost_ownership");
  assert.deepEqual(await askAll(node), LOST);
  await node.kill();
});

Deno.test("two nodes of one program on one store of it do not both write", async () => {
  const storage = memoryStorage();
  const clock = new VirtualClock({ seed: 1 });
  stage.reset();
  const first = await hostDefinitions([actors], { storage, world: { clock }, port: 0 });
  await localRpc(first, "a").add(5);
  await using second = await hostDefinitions([actors], { storage, world: { clock }, port: 0 });
  assert.deepEqual(await localRpc(second, "a").add(1), { status: "Success", value: 6 });
  const late = await localRpc(first, "a").add(100);
  assert.equal(late.status === "Success" || late.error.code, "lost_ownership");
  assert.deepEqual(await askAll(first), LOST);
  await first.kill();
});
