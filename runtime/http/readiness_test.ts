/** `/healthz` says that the process lives; `/readyz` says whether it should be sent requests, and why not. */
import assert from "node:assert/strict";
import { DenizenError, hostDefinitions } from "@denizen/runtime";
import { memoryStorage } from "@denizen/runtime/storage";
import { FaultyStorage, MemoryNetwork, settle, type TestNode, VirtualClock } from "@denizen/runtime/testing";
import { actors, add, gate, idOf, stage, startActors, tell } from "../../tests/actors.ts";
import { COMMIT_BACKLOG_MAX, READY_COMMIT_MS, READY_FAILURE_MS } from "../limits.ts";
import { unreadyReasons } from "./readiness.ts";

async function readiness(node: Pick<TestNode, "fetch">): Promise<unknown[]> {
  const alive = await node.fetch("/healthz");
  assert.deepEqual([alive.status, await alive.json()], [200, { status: "ok", node: "denizen" }]);
  const reply = await node.fetch("/readyz");
  const { status, node: name, reasons } = await reply.json();
  assert.equal(name, "denizen");
  assert.deepEqual([reply.status, status], reasons.length === 0 ? [200, "ready"] : [503, "unready"]);
  return reasons;
}

Deno.test("a node is ready as long as its commits succeed, and while none is needed", async () => {
  await using node = await startActors();
  assert.deepEqual(await readiness(node), []);
  await tell(node, "a", add(1));
  await node.advance(3_600_000);
  assert.deepEqual(await readiness(node), []);
});

Deno.test("a store that hangs makes a node unready within a bounded time, and ready again when it answers", async () => {
  await using node = await startActors();
  node.storage.holdCommits();
  const answer = tell(node, "a", add(1));
  await node.advance(READY_COMMIT_MS);
  assert.deepEqual(await readiness(node), []);
  await node.advance(1);
  assert.deepEqual(await readiness(node), [{ reason: "store_hangs", waitingMs: READY_COMMIT_MS + 1 }]);
  node.storage.release();
  await answer;
  assert.deepEqual(await readiness(node), []);
});

Deno.test("a store that fails makes a node unready, until a commit succeeds or it has had time to recover", async () => {
  await using node = await startActors();
  node.storage.failCommits(3);
  for (let failures = 1; failures <= 2; failures++) {
    await tell(node, "a", add(1));
    assert.deepEqual(await readiness(node), [{ reason: "store_fails", failures }]);
    await node.advance(1_000);
  }
  await node.advance(READY_FAILURE_MS);
  assert.deepEqual(await readiness(node), [], "requests may show whether it is well");
  await tell(node, "a", add(1));
  assert.deepEqual(await readiness(node), [{ reason: "store_fails", failures: 3 }]);
  await tell(node, "a", add(1));
  assert.deepEqual(await readiness(node), []);
});

Deno.test("a node that drains is alive and not ready", async () => {
  await using node = await startActors();
  const busy = tell(node, "a", add(1), gate("g"));
  await settle();
  const drained = node.drain();
  await settle();
  assert.deepEqual(await readiness(node), [{ reason: "draining" }]);
  stage.open("g");
  await Promise.all([busy, drained]);
});

Deno.test("a node that lost its store is alive and not ready", async () => {
  const storage = new FaultyStorage(memoryStorage(), { shared: true });
  const network = new MemoryNetwork();
  const clock = new VirtualClock();
  const start = (takeOver: boolean) =>
    hostDefinitions([actors], { storage, world: { clock, network }, takeOver, port: 0 });
  const first = await start(false);
  const starting = start(true);
  await clock.advance(10_000);
  await using second = await starting;
  await clock.advance(10_000);
  const ask = (url: string) => ({ fetch: (path: string) => network.fetch(url + path) });
  assert.deepEqual(await readiness(ask(first.url)), [{ reason: "lost_ownership" }]);
  assert.deepEqual(await readiness(ask(second.url)), []);
  const refused = await network.fetch(`${first.url}/${idOf("a")}/api`, { method: "POST", body: '"Read"' });
  assert.equal(refused.status, 503);
  await first.kill();
});

Deno.test("every reason is told, with its figure", () => {
  const reasons = unreadyReasons({
    draining: true,
    store: {
      lost: new DenizenError("lost_ownership", "Cannot answer as another node owns the store"),
      health: { waitingMs: 60_000.4, failures: 7, failedAgoMs: 1 },
    },
    commits: { backlog: COMMIT_BACKLOG_MAX },
  });
  assert.deepEqual(reasons, [
    { reason: "draining" },
    { reason: "lost_ownership" },
    { reason: "store_hangs", waitingMs: 60_000 },
    { reason: "store_fails", failures: 7 },
    { reason: "backlog", writes: COMMIT_BACKLOG_MAX },
  ]);
});
