/** When a state is written, under each save policy, and what a crash leaves of it. */
import assert from "node:assert/strict";
import { Save, type SavePolicy } from "@denizen/macro";
import { define, type Definition } from "@denizen/runtime";
import { settle, TestNode } from "@denizen/runtime/testing";
import {
  actors,
  add,
  call,
  fail,
  gate,
  idOf,
  mark,
  save,
  stage,
  startActors,
  success,
  tell,
  told,
  totalOf,
} from "../../tests/actors.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";
import { contract as starterContract } from "../../tests/apps/generated/starter.ts";
import { onStart, Starter } from "../../tests/apps/starter.ts";
import { withSave } from "../../tests/definitions.ts";

/** How often states were written since the last start. */
function writes(node: TestNode): number {
  return node.storage.commits.flatMap((commit) => commit.writes).length;
}

async function afterCrash(node: TestNode, definition: Definition = actors): Promise<number> {
  await node.crash();
  await node.restart([definition]);
  return await totalOf(node, "a");
}

function start(policy: SavePolicy): Promise<TestNode> {
  return startActors({ definition: withSave(actors, policy) });
}

for (const policy of [Save.everyMessage, Save.onDiff]) {
  Deno.test(`${policy.kind} writes a state with each message that changes it, and with no other`, async () => {
    await using node = await start(policy);
    await totalOf(node, "a");
    assert.equal(writes(node), 0, "a state that was never changed is not written");
    for (let count = 1; count <= 3; count++) {
      await tell(node, "a", add(1));
      assert.equal(writes(node), count);
      await tell(node, "a", add(5), add(-5));
      await totalOf(node, "a");
      assert.equal(writes(node), count, "back where it was is unchanged");
    }
    assert.equal(await afterCrash(node), 3);
  });
}

Deno.test("never reads what is stored and writes nothing, whatever ends it", async () => {
  await using node = await startActors();
  await tell(node, "a", add(7));
  const never = withSave(actors, Save.never);
  assert.equal(await afterCrash(node, never), 7);
  await tell(node, "a", add(1));
  assert.equal(writes(node), 0);
  await node.restart();
  assert.equal(await totalOf(node, "a"), 7, "a drain saves nothing of it");
  await tell(node, "a", add(1));
  assert.equal(await node.evict(idOf("a")), true);
  assert.equal(await totalOf(node, "a"), 7, "nor does leaving memory");
});

Deno.test("everyNMessages writes with each n-th message that succeeds", async () => {
  await using node = await start(Save.everyNMessages(3));
  const counts = [];
  for (let message = 1; message <= 7; message++) {
    assert.equal(told(await tell(node, "a", add(1000), fail())), "failed");
    await tell(node, "a", add(1));
    counts.push(writes(node));
  }
  assert.deepEqual(counts, [0, 0, 1, 1, 1, 2, 2]);
  assert.equal(await afterCrash(node), 6);
});

Deno.test("everyNMessages waits for the disk with the n-th message only", async () => {
  await using node = await start(Save.everyNMessages(2));
  node.storage.holdCommits();
  assert.deepEqual(await tell(node, "a", add(1)), success(1));
  let answered = false;
  const second = tell(node, "a", add(1)).finally(() => answered = true);
  await settle();
  assert.equal(answered, false);
  node.storage.release();
  assert.deepEqual(await second, success(2));
});

Deno.test("everySeconds writes once, that long after the first change", async () => {
  await using node = await start(Save.everySeconds(5));
  await tell(node, "a", add(1));
  await node.advance(3_000);
  await tell(node, "a", add(1));
  await node.advance(1_999);
  assert.equal(writes(node), 0);
  await node.advance(1);
  assert.equal(writes(node), 1);
  await node.advance(60_000);
  assert.equal(writes(node), 1, "nothing has changed since");
  assert.equal(await afterCrash(node), 2);
});

Deno.test("everySeconds writes between two handlers of a busy process, never in the middle of one", async () => {
  await using node = await start(Save.everySeconds(5));
  await tell(node, "a", add(1));
  const busy = tell(node, "a", add(10), gate("1"), mark("1"));
  const next = tell(node, "a", add(100), gate("2"));
  await node.advance(5_000);
  assert.equal(writes(node), 0);
  stage.open("1");
  await busy;
  await settle();
  assert.equal(writes(node), 1, "though the next handler runs already");
  assert.equal(await afterCrash(node), 11);
  assert.equal(told(await next), "offline");
});

Deno.test("everySeconds writes in time though the handlers of an interleaved process always overlap", async () => {
  const definition = { ...withSave(actors, Save.everySeconds(5)), interleaved: true };
  await using node = await startActors({ definition });
  const busy = tell(node, "a", add(1), gate("never"));
  await tell(node, "a", add(10));
  await node.advance(5_000);
  assert.equal(writes(node), 1);
  assert.equal(await afterCrash(node, definition), 11);
  assert.equal(told(await busy), "offline");
});

Deno.test("a handler with a policy of its own overrides that of its process", async () => {
  await using node = await startActors();
  await localRpc(node, "a").performVolatile([add(1)]);
  assert.equal(writes(node), 0);
  await tell(node, "a", add(1));
  assert.equal(writes(node), 1);
  await localRpc(node, "a").performVolatile([add(100)]);
  assert.equal(await afterCrash(node), 2, "the state is saved whole, with what was not saved before");
});

for (const policy of [Save.everyNMessages(100), Save.everySeconds(3600)]) {
  Deno.test(`${policy.kind} writes what is unsaved when the node drains and when a process leaves memory`, async () => {
    await using node = await start(policy);
    await tell(node, "a", add(1));
    await node.restart();
    assert.equal(await totalOf(node, "a"), 1);
    await tell(node, "a", add(1));
    assert.equal(await node.evict(idOf("a")), true);
    assert.equal(writes(node), 1);
    assert.equal(await totalOf(node, "a"), 2);
  });
}

Deno.test("what a handler that does not save has changed is written at a drain, if its process saves", async () => {
  await using node = await startActors();
  await localRpc(node, "a").performVolatile([add(4)]);
  await node.restart();
  assert.equal(await totalOf(node, "a"), 4);
});

Deno.test("ctx.save() makes durable what was changed until then, under any policy, and waits for it", async () => {
  await using node = await start(Save.never);
  node.storage.holdCommits();
  const answer = tell(node, "a", add(1), save, mark("saved"), add(10));
  await settle();
  assert.deepEqual([stage.journal, node.storage.held], [[], 1]);
  node.storage.release();
  assert.deepEqual(await answer, success(11));
  assert.equal(await afterCrash(node), 1);
});

Deno.test("what a start changes is saved without any message", async () => {
  onStart.run = (self) => void self.started++;
  const lasting = { ...define(Starter, starterContract), keyed: false, passivateAfterMs: Infinity };
  await using node = await TestNode.start([lasting]);
  await settle();
  await node.crash();
  await node.restart();
  await settle();
  assert.deepEqual(await node.send("starter:tests:denizen.os", "Read"), { status: "Success", value: [0, 2] });
});

Deno.test("a handler that throws after ctx.save() goes back to that point (G4)", async () => {
  await using node = await startActors();
  assert.equal(told(await tell(node, "a", add(1), save, add(10), call("b", add(1)), fail())), "failed");
  assert.equal(await totalOf(node, "a"), 1);
  assert.equal(await afterCrash(node), 1);
});

Deno.test("a drain that keeps volatile states hands them to the next start, once", async () => {
  await using node = await start(Save.never);
  await tell(node, "a", add(1));
  await tell(node, "b", add(2));
  await node.drain({ keepVolatile: true });
  await node.restart();
  assert.deepEqual([await totalOf(node, "a"), await totalOf(node, "b")], [1, 2]);
  await node.evict(idOf("a"));
  assert.equal(await totalOf(node, "a"), 0, "a process takes it once");
  await node.crash();
  await node.restart();
  assert.deepEqual([await totalOf(node, "a"), await totalOf(node, "b")], [0, 0], "and so does a node");
});

Deno.test("a volatile state outlives any number of reloads, with or without a message between them", async () => {
  await using node = await start(Save.never);
  await tell(node, "a", add(7));
  for (let reload = 0; reload < 3; reload++) {
    await node.drain({ keepVolatile: true });
    await node.restart();
  }
  assert.equal(await totalOf(node, "a"), 7);
  await node.drain({ keepVolatile: true });
  await node.restart();
  await node.crash();
  await node.restart();
  assert.equal(await totalOf(node, "a"), 0, "a crash is no reload");
});

Deno.test("a drain hands over every volatile state, though one of them cannot be", async () => {
  const definition = { ...withSave(actors, Save.never), interleaved: true };
  await using node = await startActors({ definition });
  assert.equal(
    told(await tell(node, "a", add(2 ** 31 - 1), add(1))),
    "reply_invalid",
    "which undoes nothing here",
  );
  await tell(node, "b", add(2));
  await node.drain({ keepVolatile: true });
  await node.restart();
  assert.ok(node.lines.some(({ message }) => message === "state not kept for the reload"));
  assert.deepEqual([await totalOf(node, "a"), await totalOf(node, "b")], [0, 2]);
});
