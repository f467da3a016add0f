/** How long a call may take, and what becomes of a handler whose sender no longer waits (G5). */
import assert from "node:assert/strict";
import { define, type SendResult, unwrap } from "@denizen/runtime";
import { settle, TestNode } from "@denizen/runtime/testing";
import { contract, localRpc } from "../../tests/apps/generated/peer.ts";
import { Peer } from "../../tests/apps/peer.ts";
import { stage } from "../../tests/apps/stage.ts";

const definition = define(Peer, contract);

async function start(): Promise<TestNode> {
  stage.reset();
  return await TestNode.start([definition]);
}

function codeOf(answer: SendResult<unknown>): string {
  return answer.status === "Success" ? "Success" : answer.error.code;
}

Deno.test("a call may take 30 s by default", async () => {
  await using node = await start();
  assert.equal(unwrap(await localRpc(node, "a").remaining()), 30_000);
  assert.equal(unwrap(await localRpc(node, "a").remaining({ timeoutMs: 1_234 })), 1_234);
});

Deno.test("a call has no more time than the one who makes it", async () => {
  await using node = await start();
  const asking = localRpc(node, "a");
  assert.equal(unwrap(await asking.remainingOf("b", 0, { timeoutMs: 700 })), 700);
  assert.equal(unwrap(await asking.remainingOf("b", 9_000, { timeoutMs: 700 })), 700);
  assert.equal(unwrap(await asking.remainingOf("b", 300, { timeoutMs: 700 })), 300);
  assert.equal(unwrap(await asking.remainingOf("b", 0)), 30_000);
});

Deno.test("a handler whose deadline passes gets its signal aborted, its sender one answer, and its effects stay", async () => {
  await using node = await start();
  let answers = 0;
  const answer = localRpc(node, "a").outlast("g", "b", { timeoutMs: 1_000 });
  answer.then(() => answers++);
  await node.advance(999);
  assert.equal(answers, 0);
  await node.advance(1 + 10);
  const late = await answer;
  assert.equal(late.status, "Timeout");
  assert.match(
    late.status === "Timeout" ? late.error.message : "",
    /^Cannot answer Outlast of peer\.a:.* in time as its handler still runs$/,
  );
  assert.deepEqual(stage.journal, ["aborted: timeout"]);
  stage.open("g");
  await settle();
  assert.deepEqual(stage.journal, ["aborted: timeout", "Timeout"], "a call it makes now is not delivered");
  assert.equal(unwrap(await localRpc(node, "b").increment()), 1);
  assert.equal(answers, 1);
  await node.crash();
  await node.restart();
  assert.equal(unwrap(await localRpc(node, "a").increment()), 2, "the late count is durable");
});

Deno.test("a message whose deadline passes in the mailbox is not handled", async () => {
  await using node = await start();
  const busy = localRpc(node, "a").outlast("g", "b", { timeoutMs: 60_000 });
  const waiting = localRpc(node, "a").increment({ timeoutMs: 1_000 });
  await node.advance(1_010);
  const late = await waiting;
  assert.match(
    late.status === "Timeout" ? late.error.message : "",
    /^Cannot answer Increment of peer\.a:.* in time as it still waits for its turn$/,
  );
  stage.open("g");
  assert.equal(unwrap(await busy), 1);
  assert.equal(unwrap(await localRpc(node, "a").increment()), 2);
});

Deno.test("a chain of calls times out together, at the deadline of its first", async () => {
  await using node = await start();
  const first = localRpc(node, "b").outlast("never", "c", { timeoutMs: 60_000 });
  await settle();
  // The call to b waits behind the first one.
  const chain = localRpc(node, "a").remainingOf("b", 5_000, { timeoutMs: 2_000 });
  await node.advance(2_010);
  assert.equal(codeOf(await chain), "timeout");
  assert.equal(node.process("peer.b:tests:denizen.os")?.running, "Outlast");
  await node.advance(60_000);
  assert.equal(codeOf(await first), "timeout");
});

Deno.test("a deadline that passes leaves no trace: neither timers nor a busy process", async () => {
  await using node = await start();
  const before = node.clock.pending;
  for (let round = 0; round < 3; round++) {
    const answer = localRpc(node, `a${round}`).outlast(`g${round}`, "b", { timeoutMs: 100 });
    await node.advance(200);
    assert.equal(codeOf(await answer), "timeout");
    stage.open(`g${round}`);
    await settle();
    assert.equal(await node.evict(`peer.a${round}:tests:denizen.os`), true);
  }
  assert.equal(node.clock.pending, before);
});
