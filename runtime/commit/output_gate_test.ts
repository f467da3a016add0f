/** An answer that waits for the store has its deadline too (G3, G5). */
import assert from "node:assert/strict";
import { settle } from "@denizen/runtime/testing";
import { add, idOf, startActors, success, tell, told, totalOf } from "../../tests/actors.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";

Deno.test("who waits for a store that does not answer gets a timeout, and the change may still come to be", async () => {
  await using node = await startActors();
  await totalOf(node, "a");
  node.storage.holdCommits();
  const direct = localRpc(node, "a").add(1, { timeoutMs: 1_000 });
  const tagged = node.send(idOf("a"), { Add: 1 }, { timeoutMs: 2_000 });
  const overHttp = node.fetch(`/${idOf("a")}/api`, { method: "POST", body: '{"Add":1}' });
  // The request is there when another one behind it has been answered.
  await (await node.fetch("/healthz")).body?.cancel();
  await node.advance(1_010);
  const late = await direct;
  assert.match(
    late.status === "Timeout" ? late.error.message : "",
    /^Cannot answer Add of actor\.a:.* in time as what it changed is not durable yet$/,
  );
  await node.advance(1_000);
  assert.equal((await tagged).status, "Timeout");
  await node.advance(28_000);
  const reply = await overHttp;
  assert.equal(reply.status, 504);
  assert.equal((await reply.json()).error.code, "timeout");
  node.storage.release();
  assert.equal(await totalOf(node, "a"), 3);
});

Deno.test("an answer that the store lets go leaves no deadline behind", async () => {
  await using node = await startActors();
  await totalOf(node, "a");
  await node.advance(40_000);
  const before = node.clock.pending;
  node.storage.holdCommits();
  const kept = tell(node, "a", add(1));
  const lost = tell(node, "b", add(1));
  await settle();
  node.storage.release(1);
  assert.deepEqual(await kept, success(1));
  node.storage.failCommits(1);
  node.storage.release();
  assert.equal(told(await lost), "storage");
  await node.advance(40_000);
  assert.equal(node.clock.pending, before);
});
