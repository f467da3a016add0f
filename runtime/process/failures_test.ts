/**
 * For anything that a handler throws or returns, its sender gets one answer, its process continues, and the
 * node lives (G5).
 */
import assert from "node:assert/strict";
import { define, hostDefinitions, jsonSink, textSink, unwrap } from "@denizen/runtime";
import { TestNode } from "@denizen/runtime/testing";
import { contract, localRpc } from "../../tests/apps/generated/peer.ts";
import { Peer } from "../../tests/apps/peer.ts";

const definition = define(Peer, contract);

const ODD = [
  "string",
  "undefined",
  "null",
  "symbol",
  "object",
  "unprintable",
  "an error that cannot be read",
  "circular",
  "function",
  "a proxy that cannot be looked at",
  "a proxy around an error",
  "an error of ours that cannot be read",
];

for (const kind of ODD) {
  Deno.test(`a handler that throws ${kind} has failed, is undone and logged`, async () => {
    await using node = await TestNode.start([definition]);
    const peer = localRpc(node, "a");
    for (const answer of [await peer.throwOdd(kind), await peer.throwOddLater(kind)]) {
      assert.ok(answer.status === "Failed");
      assert.equal(answer.error.code, "failed");
      assert.match(
        answer.error.message,
        /^Cannot (answer ThrowOdd(Later)? of peer\.a:.* as it threw|pass an error on as it cannot be read): /,
      );
    }
    assert.equal(unwrap(await peer.increment()), 1, "it goes on, with its state");
    assert.equal(node.process("peer.a:tests:denizen.os")?.failures, 2);
    const lines = node.lines.filter(({ message }) => message === "handler failed");
    assert.deepEqual(lines.map(({ fields }) => fields.handler), ["ThrowOdd", "ThrowOddLater"]);
  });
}

Deno.test("an error crosses as a copy: nothing of the process that threw it goes with it (G5)", async () => {
  await using node = await TestNode.start([definition]);
  assert.equal(unwrap(await localRpc(node, "a").reach("b")), 0);
  assert.equal(unwrap(await localRpc(node, "b").increment()), 1);
  const answer = await localRpc(node, "b").throwSelf();
  assert.ok(answer.status === "Failed");
  assert.equal(answer.error.cause, undefined, "a program gets the text, the log has the rest");
  const logged = node.lines.filter(({ message }) => message === "handler failed").at(-1)!.fields.error;
  assert.ok(logged instanceof Error && "me" in logged);
});

Deno.test("no log, however it writes, keeps a failure from being answered", async () => {
  const { error } = console;
  console.error = () => {};
  try {
    for (const log of [textSink, jsonSink, () => assert.fail("no disk")]) {
      await using node = await hostDefinitions([definition], { port: 0, log });
      for (const kind of ODD) {
        assert.equal((await localRpc(node, "a").throwOdd(kind)).status, "Failed", kind);
        assert.equal((await localRpc(node, "a").throwOddLater(kind)).status, "Failed", kind);
      }
      assert.equal(unwrap(await localRpc(node, "a").increment()), 1);
    }
  } finally {
    console.error = error;
  }
});

Deno.test("a failure tells its sender the trace under which the log has the rest", async () => {
  await using node = await TestNode.start([definition]);
  const answer = await localRpc(node, "a").throwOdd("string");
  assert.ok(answer.status === "Failed");
  const line = node.lines.find(({ message }) => message === "handler failed");
  assert.deepEqual(answer.error.data, { trace: line?.fields.trace });
  assert.deepEqual([line?.level, line?.fields.process, line?.fields.error], [
    "error",
    "peer.a:tests:denizen.os",
    "text",
  ]);
});

Deno.test("a refusal is no failure: it is not logged", async () => {
  await using node = await TestNode.start([definition]);
  assert.equal((await localRpc(node, "a").refuse()).status, "Refused");
  assert.deepEqual(node.lines, []);
});

Deno.test("what looks like a promise is settled as one, once", async () => {
  await using node = await TestNode.start([definition]);
  const peer = localRpc(node, "a");
  assert.equal(unwrap(await peer.odd("calls back at once")), 7);
  assert.equal(unwrap(await peer.odd("calls back twice")), 7);
  assert.equal(unwrap(await peer.odd("is a promise with a `then` of its own")), 7);
  const broken = ["throws", "cannot be looked at", "is a promise by its prototype only", "hides what it is"];
  for (const kind of broken) {
    assert.equal((await peer.odd(kind)).status, "Failed", kind);
  }
  assert.equal(unwrap(await peer.increment()), 1);
  assert.equal(await node.evict("peer.a:tests:denizen.os"), true, "it is idle");
});
