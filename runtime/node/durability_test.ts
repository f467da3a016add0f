/** Nothing leaves the node before it is durable; inside of it nothing waits (G3). */
import assert from "node:assert/strict";
import type { Json } from "@denizen/macro";
import { settle, type TestNode } from "@denizen/runtime/testing";
import { add, call, idOf, mark, stage, startActors, success, tell, told } from "../../tests/actors.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";

/** Whether a promise has settled, once everything that needs no disk and no time is done. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.finally(() => settled = true);
  await settle();
  return settled;
}

/** An HTTP call by tag, as `[status, body]`. */
async function post(node: TestNode, key: string, body: Json): Promise<[number, unknown]> {
  const response = await node.fetch(`/${idOf(key)}/api`, { method: "POST", body: JSON.stringify(body) });
  return [response.status, await response.json()];
}

/** A round trip over the network: what left before it has arrived after it. */
async function roundTrip(node: TestNode): Promise<void> {
  await (await node.fetch("/healthz")).body?.cancel();
}

Deno.test("a reply waits for the commit of its effects: over HTTP, by send and by call (G3)", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const answers: Promise<unknown>[] = [
    post(node, "a", { Add: 1 }),
    node.send(idOf("b"), { Add: 1 }),
    localRpc(node, "c").add(1),
  ];
  let left = 0;
  for (const answer of answers) answer.then(() => left++);
  await roundTrip(node);
  await settle();
  assert.equal(left, 0);
  node.storage.release();
  assert.deepEqual(await Promise.all(answers), [[200, 1], success(1), success(1)]);
});

Deno.test("a reply that only depends on another message's change waits too, and so does an error (G3)", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const change = localRpc(node, "a").add(5);
  const read = localRpc(node, "a").read();
  const wire = node.send(idOf("a"), "Read");
  const error = localRpc(node, "a").add(-100);
  const overHttp = post(node, "a", "Read");
  await roundTrip(node);
  for (const answer of [change, read, wire, error, overHttp]) assert.equal(await isSettled(answer), false);
  node.storage.release();
  assert.deepEqual([await read, await wire, await overHttp], [success(5), success(5), [200, 5]]);
  assert.equal(told(await error), "failed");
});

Deno.test("a reply that depends only on durable changes leaves at once, while others wait", async () => {
  await using node = await startActors();
  await tell(node, "a", add(1));
  node.storage.holdCommits();
  const other = tell(node, "b", add(1));
  assert.deepEqual(await localRpc(node, "a").read(), success(1));
  assert.deepEqual(await post(node, "a", "Read"), [200, 1]);
  assert.equal(await isSettled(other), false);
});

Deno.test("calls between processes return at once while the disk is busy, and the reply waits for all of them (G3)", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const chain = tell(
    node,
    "a",
    add(1),
    call("b", add(1), call("c", add(1), mark("end")), mark("end")),
    mark("end"),
  );
  assert.equal(await isSettled(chain), false);
  assert.deepEqual(stage.journal, ["c end 1", "b end 1", "a end 1"]);
  node.storage.release(1);
  await settle();
  assert.equal(await isSettled(chain), false, "the first commit was that of c alone");
  node.storage.release();
  assert.deepEqual(await chain, success(1));
});

Deno.test("a volatile process that saw an answer waits for what the answer told of (G3)", async () => {
  await using node = await startActors();
  await tell(node, "a", add(0));
  node.storage.holdCommits();
  const asking = localRpc(node, "asker").performVolatile([call("a", add(1))]);
  assert.equal(await isSettled(asking), false);
  const later = localRpc(node, "asker").read();
  assert.equal(await isSettled(later), false, "what it says now may come of what it saw then");
  node.storage.release();
  assert.deepEqual([told(await asking), told(await later)], ["Success 0", "Success 0"]);
});

Deno.test("a volatile process that received something waits for what it depends on (G3)", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const changed = tell(node, "a", add(1));
  await settle();
  const telling = localRpc(node, "a").performVolatile([call("told")]);
  const asked = localRpc(node, "told").read();
  assert.equal(await isSettled(asked), false);
  node.storage.release();
  assert.deepEqual((await Promise.all([changed, telling, asked])).map(told), [
    "Success 1",
    "Success 1",
    "Success 0",
  ]);
});

Deno.test("a process handles its next messages while the disk writes the last one, and their commits are one", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const answers = Array.from({ length: 50 }, () => tell(node, "a", add(1), mark("done")));
  const others = Array.from({ length: 50 }, (_, at) => tell(node, `b${at}`, add(1)));
  await settle();
  assert.equal(stage.journal.length, 50);
  assert.equal(node.storage.commits.length, 1);
  node.storage.release();
  assert.deepEqual((await Promise.all(answers)).map(told).at(-1), "Success 50");
  await Promise.all(others);
  assert.ok(node.storage.commits.length <= 3, `${node.storage.commits.length} commits`);
});

Deno.test("unacknowledged changes may be lost, acknowledged ones never are", async () => {
  await using node = await startActors();
  await tell(node, "a", add(1));
  node.storage.holdCommits();
  const first = tell(node, "a", add(10));
  await settle();
  const second = tell(node, "a", add(100));
  await settle();
  await node.crash({ applyHeld: 1 });
  assert.deepEqual([told(await first), told(await second)], ["offline", "offline"]);
  await node.restart();
  assert.deepEqual(
    await localRpc(node, "a").read(),
    success(11),
    "the one that had reached the disk is there all the same",
  );
});
