/** What a drain saves, and what it answers to those it gives up on (G4, G5). */
import assert from "node:assert/strict";
import { Save } from "@denizen/macro";
import { define } from "@denizen/runtime";
import { settle, TestNode } from "@denizen/runtime/testing";
import {
  actors,
  add,
  call,
  cast,
  gate,
  idOf,
  pause,
  stage,
  startActors,
  success,
  tell,
  told,
  totalOf,
} from "../../tests/actors.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";
import { contract, localRpc as starterRpc } from "../../tests/apps/generated/starter.ts";
import { onStart, Starter } from "../../tests/apps/starter.ts";
import { withSave } from "../../tests/definitions.ts";

Deno.test("a drain waits for handlers, for those behind them, and for what they set going", async () => {
  await using node = await startActors();
  const running = tell(
    node,
    "a",
    add(1),
    gate("g"),
    call("b", add(1)),
    cast("c", pause, pause, gate("h"), add(1)),
  );
  const waiting = tell(node, "a", add(10));
  await settle();
  const drained = node.drain();
  await settle();
  const refused = await tell(node, "a", add(100));
  assert.equal(told(refused), "draining");
  assert.equal(told(await node.send(idOf("new"), "Read") as never), "draining");
  stage.open("g");
  await settle();
  stage.open("h");
  assert.deepEqual([told(await running), told(await waiting)], ["Success 1", "Success 11"]);
  await drained;
  await node.restart();
  assert.deepEqual([await totalOf(node, "a"), await totalOf(node, "b"), await totalOf(node, "c")], [
    11,
    1,
    1,
  ]);
});

Deno.test("at the deadline everybody who waits is answered, and half of a handler is not saved (G4, G5)", async () => {
  await using node = await startActors({ definition: withSave(actors, Save.everyNMessages(100)) });
  await tell(node, "a", add(1));
  const running = tell(node, "a", add(10), gate("g"), add(20));
  const waiting = tell(node, "a", add(100));
  const chained = tell(node, "b", add(1), call("a", add(1_000)));
  await settle();
  const drained = node.drain({ deadlineMs: 3_000 });
  await node.advance(2_999);
  await node.advance(1);
  assert.deepEqual([told(await running), told(await waiting), told(await chained)], [
    "draining",
    "draining",
    "draining",
  ]);
  await drained;
  stage.open("g");
  await settle();
  const line = node.lines.find(({ message }) => message === "handlers did not finish in time");
  assert.deepEqual(line?.fields.busy, [idOf("a"), idOf("b")]);
  await node.restart();
  assert.deepEqual(
    [await totalOf(node, "a"), await totalOf(node, "b")],
    [1, 0],
    "what had succeeded before is saved",
  );
});

Deno.test("a handler that ends while the drain saves its process without it saves nothing of its own (G4)", async () => {
  await using node = await startActors();
  await localRpc(node, "a").performVolatile([add(1)]);
  const running = tell(node, "a", add(10), gate("g"), add(20));
  await settle();
  node.storage.holdCommits();
  const drained = node.drain({ deadlineMs: 1 });
  await node.advance(1);
  await settle();
  assert.equal(node.storage.held, 1);
  stage.open("g");
  await settle();
  node.storage.release();
  await drained;
  assert.equal(told(await running), "draining");
  await node.restart();
  assert.equal(await totalOf(node, "a"), 1);
});

Deno.test("a second drain is the same as the first", async () => {
  await using node = await startActors();
  const running = tell(node, "a", gate("g"));
  await settle();
  let ended = 0;
  const drains = [node.drain(), node.drain({ deadlineMs: 0 })].map((drain) => drain.then(() => ended++));
  await settle();
  assert.equal(ended, 0);
  stage.open("g");
  await Promise.all(drains);
  assert.deepEqual(await running, success(0));
});

Deno.test("a drain waits for processes that start, and not for those that have crashed", async () => {
  stage.reset();
  onStart.run = async (self, ctx) => {
    if (ctx.key === "crashed") throw new Error("on purpose");
    await stage.gate("start");
    self.started++;
  };
  await using node = await TestNode.start([define(Starter, contract)]);
  const starting = starterRpc(node, "s").add(1);
  const crashed = starterRpc(node, "crashed").add(1);
  await settle();
  const drained = node.drain();
  const answer = await crashed;
  assert.equal(answer.status !== "Success" && answer.error.code, "draining");
  stage.open("start");
  assert.deepEqual(await starting, success(1));
  await drained;
  onStart.run = () => {};
  await node.restart();
  assert.deepEqual(await starterRpc(node, "s").read(), { status: "Success", value: [1, 1] });
});

Deno.test("a drain waits for a state that is read again after a loss", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const lost = tell(node, "a", add(1));
  const running = tell(node, "a", gate("g"));
  const waiting = tell(node, "a", add(10));
  await settle();
  const drained = node.drain();
  node.storage.failCommits(1);
  node.storage.release();
  await settle();
  stage.open("g");
  assert.deepEqual([told(await lost), told(await running), told(await waiting)], [
    "storage",
    "storage",
    "Success 10",
  ]);
  await drained;
});

Deno.test("a drain whose last save fails says so in the log, and ends", async () => {
  await using node = await startActors({ definition: withSave(actors, Save.everySeconds(3_600)) });
  await tell(node, "a", add(1));
  node.storage.failCommits(1);
  await node.drain();
  assert.ok(node.lines.some(({ message }) => message === "not everything was saved"));
});

Deno.test("a drain does not wait for ever for a disk that does not answer", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const answer = tell(node, "a", add(1));
  await settle();
  const storage = node.storage;
  const drained = node.drain();
  await node.advance(10_000);
  await drained;
  const line = node.lines.find(({ message }) => message === "not everything was saved");
  assert.match(String(line?.fields.error), /the store does not answer within 10000 ms/);
  storage.release();
  assert.equal(told(await answer), "Success 1", "which is true, if late");
});

Deno.test("a node that was killed leaves no timer behind", async () => {
  await using node = await startActors({ definition: withSave(actors, Save.everySeconds(5)) });
  await tell(node, "a", add(1));
  tell(node, "b", gate("never"));
  await settle();
  assert.ok(node.clock.pending > 0);
  await node.crash();
  assert.equal(node.clock.pending, 0);
});
