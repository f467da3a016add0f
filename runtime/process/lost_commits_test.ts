/**
 * When a commit fails, everything that builds on it goes back to what is durable, and nothing else suffers
 * (G3, G4).
 */
import assert from "node:assert/strict";
import { Save } from "@denizen/macro";
import { define, DenizenError, unwrap } from "@denizen/runtime";
import { settle, TestNode } from "@denizen/runtime/testing";
import {
  actors,
  add,
  call,
  gate,
  mark,
  save,
  stage,
  startActors,
  success,
  tell,
  told,
  totalOf,
  tryCall,
} from "../../tests/actors.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";
import { contract, localRpc as starterRpc } from "../../tests/apps/generated/starter.ts";
import { onStart, Starter } from "../../tests/apps/starter.ts";
import { withSave } from "../../tests/definitions.ts";

Deno.test("a reply whose commit fails is the failure, and the state is the last durable one (G4)", async () => {
  await using node = await startActors();
  await tell(node, "a", add(1));
  node.storage.failCommits(1);
  const answer = await tell(node, "a", add(10));
  assert.equal(told(answer), "storage");
  assert.equal(answer.status, "Failed");
  assert.deepEqual(
    await localRpc(node, "a").read(),
    success(1),
    "reading works, though nothing was written since",
  );
  assert.deepEqual(await tell(node, "a", add(100)), success(101));
  assert.deepEqual(await localRpc(node, "a").read(), success(101));
});

Deno.test("a full disk is answered as such", async () => {
  await using node = await startActors();
  node.storage.failCommits(1, new DenizenError("disk_full", "Cannot commit as the disk is full"));
  assert.equal(told(await tell(node, "a", add(1))), "disk_full");
  assert.equal(told(await node.send("actor.a:tests:denizen.os", { Add: 1 }) as never), "Success 1");
});

Deno.test("everything that was answered in memory on top of a lost commit fails with it", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const answers = [
    tell(node, "a", add(1)),
    tell(node, "a", add(10)),
    tell(node, "b", add(1)),
    totalOf(node, "a"),
  ];
  const settled = Promise.allSettled(answers);
  await settle();
  node.storage.failCommits(1);
  node.storage.release();
  const codes = (await settled).map((one) =>
    one.status === "rejected" ? one.reason.code : typeof one.value === "number" ? one.value : told(one.value)
  );
  assert.deepEqual(codes, ["storage", "storage", "storage", "storage"]);
  assert.deepEqual([await totalOf(node, "a"), await totalOf(node, "b")], [0, 0]);
  assert.equal(node.storage.commits.length, 1, "what came after the lost commit was not tried");
});

Deno.test("a handler in flight on a lost state fails with the loss, and those behind it see the durable state", async () => {
  await using node = await startActors();
  await tell(node, "a", add(1));
  node.storage.holdCommits();
  const first = tell(node, "a", add(10));
  const running = tell(node, "a", add(100), gate("g"), tryCall("b", add(1)), mark("after"));
  const waiting = tell(node, "a", add(1000));
  await settle();
  node.storage.failCommits(1);
  node.storage.release();
  assert.equal(told(await first), "storage");
  stage.open("g");
  assert.deepEqual([told(await running), told(await waiting)], ["storage", "Success 1001"]);
  assert.deepEqual(
    stage.journal,
    ["a storage", "a after 111"],
    "it could not tell others of a state that never was",
  );
  assert.equal(await totalOf(node, "b"), 0);
});

Deno.test("an interleaved process whose state is lost begins nothing new until it has the durable one", async () => {
  await using node = await startActors({ definition: { ...actors, interleaved: true } });
  await tell(node, "a", add(1));
  const running = tell(node, "a", gate("g"));
  await settle();
  node.storage.failCommits(1);
  assert.equal(told(await tell(node, "a", add(10))), "storage");
  const waiting = tell(node, "a", add(100));
  assert.deepEqual(await tell(node, "b", tryCall("a", add(1000))), success(0));
  assert.deepEqual(stage.journal, ["b storage"], "a process is not kept waiting, as a might wait for it");
  stage.open("g");
  assert.deepEqual([told(await running), told(await waiting)], ["storage", "Success 101"]);
});

Deno.test("a volatile process that depends on a lost commit starts anew (G3)", async () => {
  await using node = await startActors();
  const volatile = localRpc(node, "v");
  await volatile.performVolatile([add(7)]);
  await volatile.performVolatile([call("a", add(0))]);
  node.storage.failCommits(1);
  const saw = await volatile.performVolatile([tryCall("a", add(1)), add(1)]);
  assert.equal(told(saw), "storage");
  assert.equal(await totalOf(node, "v"), 0, "its state was never durable");
  await localRpc(node, "w").performVolatile([add(5)]);
  node.storage.failCommits(1);
  assert.equal(told(await tell(node, "a", add(1))), "storage");
  assert.equal(await totalOf(node, "w"), 5, "who does not depend on it keeps everything");
});

Deno.test("a message that a lost state has sent is not handled", async () => {
  await using node = await startActors();
  await totalOf(node, "b");
  node.storage.holdCommits();
  const busy = localRpc(node, "b").performVolatile([gate("g")]);
  const told1 = tell(node, "a", add(1));
  await settle();
  const sender = tell(node, "a", tryCall("b", add(1), mark("handled")));
  const other = tell(node, "b", mark("other"));
  await settle();
  node.storage.failCommits(1);
  node.storage.release();
  await settle();
  stage.open("g");
  assert.deepEqual((await Promise.all([told1, sender, busy, other])).map(told), [
    "storage",
    "storage",
    "Success 0",
    "Success 0",
  ]);
  assert.deepEqual(stage.journal, ["a storage", "b other 0"]);
});

Deno.test("a process that hears of a loss is not lost: it replies for itself", async () => {
  await using node = await startActors();
  await totalOf(node, "a");
  node.storage.holdCommits();
  const lost = tell(node, "a", add(1));
  await settle();
  const asking = localRpc(node, "b").performVolatile([tryCall("a", gate("g")), add(3)]);
  await settle();
  node.storage.failCommits(1);
  node.storage.release();
  assert.equal(told(await lost), "storage");
  stage.open("g");
  assert.deepEqual(await asking, success(3));
  assert.deepEqual(stage.journal, ["b storage"]);
  assert.deepEqual(await localRpc(node, "b").read(), success(3));
});

Deno.test("ctx.save() throws the loss, and the handler fails even if it catches that", async () => {
  await using node = await startActors();
  await totalOf(node, "a");
  node.storage.failCommits(1);
  const answer = tell(node, "a", add(1), { do: "leave", text: "saved", steps: [save] }, gate("g"));
  await settle();
  assert.deepEqual(stage.journal, ["a storage"]);
  stage.open("g");
  assert.equal(told(await answer), "storage");
  assert.equal(await totalOf(node, "a"), 0);
});

Deno.test("a failed timed save loses the unsaved changes, and the process continues", async () => {
  await using node = await startActors({ definition: withSave(actors, Save.everySeconds(5)) });
  await tell(node, "a", add(1));
  await node.advance(5_000);
  await tell(node, "a", add(1));
  node.storage.failCommits(1);
  await node.advance(5_000);
  assert.equal(await totalOf(node, "a"), 1);
  await tell(node, "a", add(10));
  await node.advance(5_000);
  await node.crash();
  await node.restart();
  assert.equal(await totalOf(node, "a"), 11);
});

Deno.test("a state that is loaded again after a loss is started again", async () => {
  onStart.run = (self) => void self.started++;
  await using node = await TestNode.start([define(Starter, contract)]);
  const starter = starterRpc(node, "s");
  assert.deepEqual(await starter.read(), { status: "Success", value: [0, 1] });
  await starter.add(1);
  node.storage.failCommits(1);
  assert.equal((await starter.add(10)).status, "Failed");
  assert.deepEqual(await starter.read(), { status: "Success", value: [1, 2] });
});

Deno.test("a start that depends on what is lost meanwhile begins again", async () => {
  stage.reset();
  let starts = 0;
  onStart.run = async (self, ctx) => {
    starts++;
    self.started++;
    unwrap(await localRpc(ctx, "a").add(1));
    await stage.gate("start");
  };
  await using node = await TestNode.start([define(Starter, contract), actors]);
  node.storage.holdCommits();
  const answer = starterRpc(node, "s").add(1);
  await settle();
  node.storage.failCommits(1);
  node.storage.release();
  await settle();
  stage.open("start");
  assert.deepEqual(await answer, { status: "Success", value: 1 });
  assert.equal(starts, 2);
  assert.deepEqual(await starterRpc(node, "s").read(), { status: "Success", value: [1, 1] });
  assert.equal(await totalOf(node, "a"), 1);
  assert.ok(!node.lines.some(({ message }) => message === "process crashed"), "it is no crash");
});
