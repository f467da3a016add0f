/** Idle keyed processes leave memory and come back as they were. */
import assert from "node:assert/strict";
import { Save } from "@denizen/macro";
import { settle } from "@denizen/runtime/testing";
import {
  actors,
  add,
  call,
  gate,
  idOf,
  stage,
  startActors,
  success,
  tell,
  told,
  totalOf,
} from "../../tests/actors.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";
import { withSave } from "../../tests/definitions.ts";

// Actors are declared to leave after 60 s; who is idle is looked for every 5 s.
const IDLE_MS = 65_000;

Deno.test("a process without messages for its idle time leaves memory, and returns with its state", async () => {
  await using node = await startActors();
  await tell(node, "a", add(5));
  await node.advance(60_000);
  assert.equal(node.process(idOf("a"))?.status, "active");
  await node.advance(5_000);
  assert.equal(node.process(idOf("a")), undefined);
  assert.deepEqual(node.processes, []);
  assert.equal(await totalOf(node, "a"), 5);
});

Deno.test("each message, a read too, makes the idle time begin anew", async () => {
  await using node = await startActors();
  for (let minute = 0; minute < 5; minute++) {
    await totalOf(node, "a");
    await node.advance(50_000);
  }
  assert.equal(node.process(idOf("a"))?.messages, 5, "it was never away");
  await node.advance(15_000);
  assert.equal(node.process(idOf("a")), undefined);
});

Deno.test("a process in whose handler something is under way stays, however long it takes", async () => {
  await using node = await startActors();
  const busy = localRpc(node, "a").perform([add(1), gate("g")], { timeoutMs: 10_000_000 });
  const waiting = localRpc(node, "a").perform([add(10)], { timeoutMs: 10_000_000 });
  await node.advance(600_000);
  assert.equal(node.process(idOf("a"))?.waiting, 1);
  stage.open("g");
  assert.deepEqual([told(await busy), told(await waiting)], ["Success 1", "Success 11"]);
  await node.advance(IDLE_MS);
  assert.equal(node.process(idOf("a")), undefined);
});

Deno.test("a process waits in memory until what it knows is durable", async () => {
  await using node = await startActors();
  await totalOf(node, "saw");
  node.storage.holdCommits();
  const changed = tell(node, "a", add(1));
  const saw = localRpc(node, "saw").performVolatile([call("a")]);
  await node.advance(IDLE_MS);
  assert.deepEqual(node.processes.map(({ id }) => id).sort(), [idOf("a"), idOf("saw")]);
  node.storage.release();
  await Promise.all([changed, saw]);
  await node.advance(5_000);
  assert.deepEqual(node.processes, []);
});

Deno.test("what its policy has not saved yet is saved before it leaves", async () => {
  await using node = await startActors({ definition: withSave(actors, Save.everyNMessages(1_000)) });
  await tell(node, "a", add(5));
  node.storage.holdCommits();
  await node.advance(IDLE_MS);
  assert.equal(node.process(idOf("a"))?.status, "active", "not before that is durable");
  node.storage.release();
  await settle();
  await node.advance(5_000);
  assert.equal(node.process(idOf("a")), undefined);
  assert.equal(await totalOf(node, "a"), 5);
});

Deno.test("a process whose last save fails has lost that, and leaves", async () => {
  await using node = await startActors({ definition: withSave(actors, Save.everyNMessages(2)) });
  await tell(node, "a", add(1));
  await tell(node, "a", add(1));
  await tell(node, "a", add(1));
  node.storage.failCommits(1);
  await node.advance(IDLE_MS + 5_000);
  assert.equal(node.process(idOf("a")), undefined);
  assert.equal(await totalOf(node, "a"), 2);
});

Deno.test("a process that is not to leave stays", async () => {
  const stays = { ...actors, passivateAfterMs: Infinity };
  await using node = await startActors({ definition: stays });
  await totalOf(node, "a");
  await node.advance(24 * 3_600_000);
  assert.equal(node.process(idOf("a"))?.status, "active");
});

Deno.test("a process that is evicted has left at once, a busy one has not", async () => {
  await using node = await startActors();
  assert.equal(await node.evict(idOf("nobody")), true);
  await tell(node, "a", add(5));
  const busy = tell(node, "b", gate("g"));
  await settle();
  assert.deepEqual([await node.evict(idOf("a")), await node.evict(`our@${idOf("b")}`)], [true, false]);
  stage.open("g");
  assert.deepEqual(await busy, success(0));
  assert.equal(await node.evict(`our@${idOf("b")}`), true);
  assert.deepEqual(node.processes, []);
  assert.equal(await totalOf(node, "a"), 5);
  await assert.rejects(node.evict("nonsense"), { code: "bad_address" });
});
