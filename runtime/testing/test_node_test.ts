/** What a test node promises to the tests that stand on it. */
import assert from "node:assert/strict";
import { define } from "@denizen/runtime";
import { memoryStorage } from "@denizen/runtime/storage";
import { settle, TestNode, VirtualClock } from "@denizen/runtime/testing";
import {
  actors,
  add,
  gate,
  idOf,
  stage,
  startActors,
  success,
  tell,
  told,
  totalOf,
} from "../../tests/actors.ts";
import { contract, localRpc } from "../../tests/apps/generated/starter.ts";
import { onStart, Starter } from "../../tests/apps/starter.ts";

Deno.test("a node under test is called by stubs, by tagged bodies and over HTTP", async () => {
  await using node = await startActors();
  assert.deepEqual(await tell(node, "a", add(5)), success(5));
  assert.deepEqual(await node.send(idOf("a"), { Add: 1 }), success(6));
  const reply = await node.fetch(`/${idOf("a")}/api`, { method: "POST", body: '"Read"' });
  assert.equal(await reply.json(), 6);
  assert.deepEqual([node.processes.length, node.process(idOf("a"))?.status, node.process("nobody")], [
    1,
    "active",
    undefined,
  ]);
});

Deno.test("acknowledged changes survive a crash, others do not", async () => {
  await using node = await startActors();
  await tell(node, "a", add(1));
  node.storage.holdCommits();
  const pending = tell(node, "a", add(10));
  await settle();
  await node.crash();
  assert.equal(told(await pending), "offline");
  assert.equal(told(await tell(node, "a", add(100))), "offline", "it is down");
  assert.equal(told(await node.send(idOf("a"), "Read") as never), "offline");
  await node.restart();
  assert.equal(await totalOf(node, "a"), 1);
});

Deno.test("a handler that was running when its node crashed writes nothing any more", async () => {
  await using node = await startActors();
  const running = tell(node, "a", add(1), gate("g"), add(10));
  await settle();
  await node.crash();
  await node.restart();
  stage.open("g");
  await settle();
  assert.equal(told(await running), "offline");
  assert.equal(await totalOf(node, "a"), 0);
});

Deno.test("timers of a node end with it", async () => {
  let starts = 0;
  onStart.run = () => {
    starts++;
    throw new Error("never");
  };
  await using node = await TestNode.start([define(Starter, contract)]);
  localRpc(node, "s").read();
  await node.advance(1_000);
  assert.equal(starts, 2);
  await node.crash();
  await node.advance(3_600_000);
  assert.equal(starts, 2);
});

Deno.test("a restart drains first, and may bring other code", async () => {
  onStart.run = () => {};
  await using node = await startActors();
  await tell(node, "a", add(1));
  const running = tell(node, "a", gate("g"), add(1));
  await settle();
  const restarted = node.restart([{ ...actors, name: "Newer" }, define(Starter, contract)]);
  await settle();
  stage.open("g");
  await restarted;
  assert.deepEqual(await running, success(2));
  assert.equal(await totalOf(node, "a"), 2);
  assert.equal((await localRpc(node, "s").read()).status, "Success");
});

Deno.test("a restart begins without the faults of the last run", async () => {
  await using node = await startActors();
  node.storage.failCommits(10);
  assert.equal(told(await tell(node, "a", add(1))), "storage");
  await node.crash();
  await node.restart();
  assert.deepEqual(await tell(node, "a", add(1)), success(1));
  assert.equal(node.storage.commits.length, 1);
});

Deno.test("two nodes share a clock, and a store outlives its node", async () => {
  const clock = new VirtualClock({ seed: 7 });
  const storage = memoryStorage();
  {
    await using first = await startActors({ clock, storage, name: "first" });
    await tell(first, "a", add(1));
    await first.advance(5);
  }
  await using second = await startActors({ clock, storage });
  assert.equal(second.clock, clock);
  assert.equal(await totalOf(second, "a"), 1);
});

Deno.test("a node that is down says so", async () => {
  const node = await startActors();
  await node.crash();
  await node.crash();
  for (const use of [() => node.url, () => node.storage, () => node.processes]) {
    assert.throws(use, { code: "offline", message: /restart it first/ });
  }
  await assert.rejects(node.evict(idOf("a")), { code: "offline" });
  await assert.rejects(node.drain(), { code: "offline" });
  await node[Symbol.asyncDispose]();
});

Deno.test("the end of its scope does not wait", async () => {
  {
    await using node = await startActors();
    tell(node, "a", gate("never"));
    node.storage.holdCommits();
    tell(node, "b", add(1));
    await settle();
  }
  assert.equal(stage.journal.length, 0);
});

Deno.test("chance comes from the seed", async () => {
  const traces: string[] = [];
  for (const seed of [1, 1, 2]) {
    await using node = await startActors({ seed });
    traces.push(node.clock.uuid());
  }
  assert.equal(traces[0], traces[1]);
  assert.notEqual(traces[0], traces[2]);
});
