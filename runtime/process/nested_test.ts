/**
 * Handlers inside of handlers of one process: they are saved with the outer one and undone with it (G2, G4).
 */
import assert from "node:assert/strict";
import { define, type SendResult, unwrap } from "@denizen/runtime";
import { settle, TestNode } from "@denizen/runtime/testing";
import {
  actors,
  add,
  all,
  call,
  cast,
  fail,
  gate,
  pause,
  refuse,
  save,
  stage,
  startActors,
  success,
  tell,
  told,
  totalOf,
  tryCall,
} from "../../tests/actors.ts";
import type { Step } from "../../tests/apps/actor.ts";
import { contract as peerContract, localRpc as peerRpc } from "../../tests/apps/generated/peer.ts";
import { Peer } from "../../tests/apps/peer.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";

/** The total of a process as a crash would leave it. */
async function durableTotal(node: TestNode, key: string): Promise<number> {
  await node.crash();
  await node.restart();
  return await totalOf(node, key);
}

Deno.test("nested changes are saved with the outer ones, in one write (G2)", async () => {
  await using node = await startActors();
  await totalOf(node, "a");
  await tell(node, "a", add(1), call("b", call("a", add(10))), add(100));
  const writes = node.storage.commits.flatMap((commit) => commit.writes);
  assert.equal(writes.length, 1, "one for a, none for b, which did not change");
  assert.equal(await durableTotal(node, "a"), 111);
});

Deno.test("nested changes are undone with the outer ones (G4)", async () => {
  await using node = await startActors();
  await tell(node, "a", add(5));
  assert.equal(told(await tell(node, "a", add(1), call("b", call("a", add(10))), fail())), "failed");
  assert.equal(await totalOf(node, "a"), 5);
  assert.equal(await durableTotal(node, "a"), 5);
});

Deno.test("a nested handler that throws undoes its own changes, and none of the outer one (G4)", async () => {
  await using node = await startActors();
  await tell(node, "a", add(5));
  const answer = await tell(node, "a", add(1), call("b", tryCall("a", add(10), fail())), add(100));
  assert.deepEqual(answer, success(106));
  assert.deepEqual(stage.journal, ["b failed"]);
  assert.equal(await durableTotal(node, "a"), 106);
});

Deno.test("a nested handler without an await that throws undoes its own changes only", async () => {
  await using node = await startActors();
  const outer = tell(node, "a", add(1), gate("g"), tryCall("a", add(-5), add(3), refuse()));
  await settle();
  stage.open("g");
  assert.deepEqual(await outer, success(1));
});

Deno.test("three handlers deep, each undoes what it holds (G4)", async () => {
  await using node = await startActors();
  const inner = [add(100), fail()];
  const middle = [add(10), tryCall("a", ...inner), call("b", add(1)), fail()];
  assert.deepEqual(await tell(node, "a", add(1), tryCall("a", ...middle)), success(1));
  assert.equal(await totalOf(node, "b"), 1, "what another process did is its own");
});

Deno.test("handlers side by side that succeed add up", async () => {
  await using node = await startActors();
  const branches = Array.from(
    { length: 5 },
    (_, at) => [call(`b${at}`, call("a", pause, add(1), pause, add(1)))],
  );
  assert.deepEqual(await tell(node, "a", all(...branches)), success(10));
  assert.equal(await durableTotal(node, "a"), 10);
});

/** Two handlers inside of `a`, one of which fails after the other has ended. */
async function failBeside(node: TestNode, ...failing: Step[]): Promise<SendResult<number>> {
  const outer = tell(
    node,
    "a",
    add(1),
    all([call("b", call("a", pause, add(10)))], [tryCall("c", call("a", gate("c"), ...failing))]),
  );
  await settle();
  stage.open("c");
  return await outer;
}

Deno.test("one of several side by side that fails cannot be undone alone: all of them are, with the outer one (G4)", async () => {
  await using node = await startActors();
  await tell(node, "a", add(5));
  assert.equal(told(await failBeside(node, add(-10), fail())), "failed");
  assert.equal(await totalOf(node, "a"), 5);
  assert.equal(await durableTotal(node, "a"), 5);
});

Deno.test("after ctx.save() one of several side by side can fail alone", async () => {
  await using node = await startActors();
  assert.deepEqual(await failBeside(node, add(100), save, add(1000), refuse()), success(111));
  assert.equal(await durableTotal(node, "a"), 111);
});

Deno.test("a nested handler without an await is undone alone, next to any others", async () => {
  await using node = await startActors();
  const outer = tell(
    node,
    "a",
    add(1),
    all([call("b", call("a", add(10), gate("g")))], [{ do: "tryAdd", target: "a", by: -50 }]),
  );
  await settle();
  stage.open("g");
  assert.deepEqual(await outer, success(11));
  assert.deepEqual(stage.journal, ["a failed"]);
});

Deno.test("a handler that failed takes those along that still run inside of it (G4)", async () => {
  await using node = await startActors();
  const outer = tell(
    node,
    "a",
    add(1),
    cast("b", tryCall("a", add(10), gate("g"), add(100))),
    pause,
    pause,
    pause,
    fail(),
  );
  await settle();
  stage.open("g");
  assert.equal(told(await outer), "failed");
  assert.equal(await totalOf(node, "a"), 0);
  await totalOf(node, "b");
  assert.deepEqual(stage.journal, ["b failed"], "the inner one did not succeed either");
});

Deno.test("ctx.save() of a nested handler keeps what the outer one did until then, even if both throw", async () => {
  await using node = await startActors();
  const nested = [add(10), save, add(100), fail()];
  assert.equal(told(await tell(node, "a", add(1), call("b", call("a", ...nested)))), "failed");
  assert.equal(await totalOf(node, "a"), 11);
  assert.equal(await durableTotal(node, "a"), 11);
});

Deno.test("what a handler did after ctx.save() is not undone by a nested one that throws", async () => {
  await using node = await startActors();
  const answer = await tell(node, "a", add(1), save, add(10), call("b", tryCall("a", add(100), fail())));
  assert.deepEqual(answer, success(11));
});

Deno.test("a nested handler that saves is durable although the outer one saves nothing (G3)", async () => {
  await using node = await startActors();
  const outer = await localRpc(node, "a").performVolatile([call("b", call("a", add(10)))]);
  assert.deepEqual(outer, success(10));
  assert.equal(await durableTotal(node, "a"), 10);
});

Deno.test("an outer handler that saves saves what a nested volatile one changed", async () => {
  await using node = await startActors();
  await localRpc(node, "a").performVolatile([add(1)]);
  assert.deepEqual(await tell(node, "a", add(1)), success(2));
  assert.equal(await durableTotal(node, "a"), 2);
});

Deno.test("an interleaved handler that throws undoes nothing", async () => {
  await using node = await startActors({ definition: { ...actors, interleaved: true } });
  assert.equal(told(await tell(node, "a", add(1), save, add(10), fail())), "failed");
  assert.equal(await totalOf(node, "a"), 11);
});

Deno.test("ctx.save() after the handler has ended is refused, and saves nothing of others", async () => {
  await using node = await startActors();
  await tell(node, "a", add(1), { do: "leave", text: "saved", steps: [gate("late"), save] });
  const other = tell(node, "a", add(10), gate("other"), fail());
  await settle();
  stage.open("late");
  await settle();
  assert.deepEqual(stage.journal, ["a failed"]);
  stage.open("other");
  await other;
  assert.equal(await durableTotal(node, "a"), 1);
});

Deno.test("what an outer handler holds of its state stays a part of it when a nested handler is undone (G4)", async () => {
  await using node = await TestNode.start([define(Peer, peerContract)]);
  const expected = ["before", "before"];
  assert.deepEqual(unwrap(await peerRpc(node, "a").writeAfterRefusal("b")), expected);
  assert.deepEqual(unwrap(await peerRpc(node, "a").show()), expected);
  await node.crash();
  await node.restart();
  assert.deepEqual(unwrap(await peerRpc(node, "a").show()), expected, "and was saved");
});
