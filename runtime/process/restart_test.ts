/**
 * A process that crashes while it starts is started again, with a backoff that grows; its messages wait
 * meanwhile.
 */
import assert from "node:assert/strict";
import { Save } from "@denizen/macro";
import { type ClassDefinition, define, type SendResult } from "@denizen/runtime";
import { settle, TestNode, VirtualClock } from "@denizen/runtime/testing";
import { contract, localRpc } from "../../tests/apps/generated/starter.ts";
import { stage } from "../../tests/apps/stage.ts";
import { onStart, Starter } from "../../tests/apps/starter.ts";
import { withSave } from "../../tests/definitions.ts";

const ID = "starter.s:tests:denizen.os";
const definition = define(Starter, contract);

/** The next `left` starts fail; the answer fills with the times of all starts, in seconds from now. */
function failing(clock: VirtualClock, left: number): number[] {
  const begin = clock.now();
  const starts: number[] = [];
  onStart.run = () => {
    starts.push((clock.now() - begin) / 1000);
    if (left-- > 0) throw new Error("not yet");
  };
  return starts;
}

function told(answer: SendResult<unknown>): unknown {
  return answer.status === "Success" ? answer.value : answer.error.code;
}

Deno.test("a start that throws is tried again after 1 s, doubling to 10 min", async () => {
  await using node = await TestNode.start([definition]);
  const starts = failing(node.clock, 12);
  const answer = localRpc(node, "s").add(1, { timeoutMs: 3_600_000 * 2 });
  await node.advance(3_600_000);
  assert.equal(told(await answer), 1);
  const pauses = starts.slice(1).map((at, index) => at - starts[index]!);
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
});

Deno.test("while it waits to start again, a process says so, and why", async () => {
  await using node = await TestNode.start([definition]);
  failing(node.clock, 2);
  const answer = localRpc(node, "s").add(1);
  await settle();
  assert.deepEqual([node.process(ID)?.status, node.process(ID)?.waiting], ["restarting", 1]);
  assert.match(
    node.process(ID)!.trouble!,
    /^Cannot start starter\.s:.* as it crashed, trying again in 1000 ms: not yet$/,
  );
  await node.advance(1_000);
  assert.match(node.process(ID)!.trouble!, /trying again in 2000 ms/);
  await node.advance(2_000);
  assert.equal(told(await answer), 1);
  assert.deepEqual([node.process(ID)?.status, node.process(ID)?.trouble], ["active", undefined]);
  const logged = node.lines.filter(({ message }) => message === "process crashed");
  assert.deepEqual(logged.map(({ fields }) => [fields.restartInMs, String(fields.error)]), [
    [1_000, "Error: not yet"],
    [2_000, "Error: not yet"],
  ]);
});

Deno.test("its mailbox is kept, in order, and a message whose deadline passes meanwhile gets its timeout", async () => {
  await using node = await TestNode.start([definition]);
  failing(node.clock, 3);
  const impatient = localRpc(node, "s").add(100, { timeoutMs: 500 });
  const patient = [localRpc(node, "s").add(1), localRpc(node, "s").add(10)];
  await node.advance(510);
  assert.equal(told(await impatient), "timeout");
  const later = localRpc(node, "s").add(1000);
  await node.advance(6_500);
  assert.deepEqual((await Promise.all([...patient, later])).map(told), [1, 11, 1011]);
});

Deno.test("after a healthy minute the backoff is short again, before it is not", async () => {
  const clock = new VirtualClock();
  let starts = failing(clock, 3);
  await using node = await TestNode.start([{ ...definition, keyed: false, passivateAfterMs: Infinity }], {
    clock,
  });
  await node.advance(7_000);
  assert.deepEqual(starts, [0, 1, 3, 7]);
  await node.advance(59_999);
  starts = failing(clock, 1);
  await lose();
  await node.advance(8_000);
  assert.deepEqual(starts, [0, 8], "it goes on where it was");
  await node.advance(60_000);
  starts = failing(clock, 2);
  await lose();
  await node.advance(3_000);
  assert.deepEqual(starts, [0, 1, 3], "it begins anew");

  async function lose(): Promise<void> {
    node.storage.failCommits(1);
    assert.equal(told(await node.send("starter:tests:denizen.os", { Add: 1 })), "storage");
  }
});

Deno.test("a start on a state that cannot be loaded is tried again in the same way", async () => {
  onStart.run = () => {};
  await using node = await TestNode.start([definition]);
  await localRpc(node, "s").add(5);
  await node.evict(ID);
  node.storage.failReads(2);
  const answer = localRpc(node, "s").add(1);
  await node.advance(2_999);
  assert.equal(node.process(ID)?.status, "restarting");
  await node.advance(1);
  assert.equal(told(await answer), 6, "with its state, not with a new one");
});

Deno.test("what a failed start did is not kept, but for what it saved itself", async () => {
  await using node = await TestNode.start([definition]);
  let starts = 0;
  onStart.run = async (self, ctx) => {
    self.started++;
    if (starts++ === 0) await ctx.save();
    if (starts === 1) throw new Error("after its save");
    if (starts === 2) throw new Error("before its save");
  };
  const answer = localRpc(node, "s").read();
  await node.advance(3_000);
  assert.deepEqual(told(await answer), [0, 2]);
});

Deno.test("what a failed start was still saving is waited for, so that it is not overwritten with older state", async () => {
  await using node = await TestNode.start([definition]);
  node.storage.holdCommits();
  let starts = 0;
  onStart.run = (self, ctx) => {
    self.started++;
    if (starts++ > 0) return;
    ctx.save();
    throw new Error("without waiting for its save");
  };
  const answer = localRpc(node, "s").read();
  await node.advance(5_000);
  assert.equal(node.process(ID)?.status, "loading");
  node.storage.release();
  assert.deepEqual(told(await answer), [0, 2]);
});

Deno.test("an error of another process during the start is a crash, with any code", async () => {
  await using node = await TestNode.start([definition]);
  await node.storage.commit([{
    key: ["state", "starter:tests:denizen.os", "broken"],
    value: new TextEncoder().encode("no state"),
  }]);
  let left = 1;
  onStart.run = async (_self, ctx) => {
    if (left-- <= 0) return;
    const answer = await localRpc(ctx, "broken").read();
    if (answer.status !== "Success") throw answer.error;
  };
  const answer = localRpc(node, "s").read();
  await settle();
  assert.equal(node.process(ID)?.status, "restarting");
  await node.advance(1_000);
  assert.deepEqual(told(await answer), [0, 0]);
});

Deno.test("a start may call the process that woke it, which waits for it (G2)", async () => {
  await using node = await TestNode.start([definition]);
  const trails: string[] = [];
  onStart.run = async (self, ctx) => {
    trails.push(`${ctx.key} from ${ctx.source}`);
    if (ctx.key === "woken") self.count = told(await localRpc(ctx, "s").add(5)) as number;
    if (ctx.key === "s") self.count = 1 + (told(await localRpc(ctx, "woken").add(10)) as number);
  };
  const answer = localRpc(node, "s").read();
  assert.deepEqual(told(await answer), [16, 0]);
  assert.deepEqual(trails, [
    "s from our@starter.s:tests:denizen.os",
    "woken from our@starter.woken:tests:denizen.os",
  ]);
});

Deno.test("a start that fails is over when the handlers inside of it are: none goes on in the next one", async () => {
  stage.reset();
  await using node = await TestNode.start([definition]);
  let starts = 0;
  onStart.run = async (self, ctx) => {
    if (ctx.key === "helper") return void await localRpc(ctx, "s").addLater(100, "g");
    if (starts++ > 0) return;
    self.count = 1;
    localRpc(ctx, "helper").read();
    // The helper has called back.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    throw new Error("without waiting for its call");
  };
  const answer = localRpc(node, "s").add(1);
  await node.advance(5_000);
  assert.deepEqual([node.process(ID)?.status, starts], ["loading", 1]);
  stage.open("g");
  await node.advance(1_000);
  assert.equal(told(await answer), 1);
  assert.equal(starts, 2);
});

Deno.test("a failed save that is not awaited is the handler's failure, not the node's", async () => {
  await using node = await TestNode.start([definition]);
  onStart.run = (self, ctx) => {
    self.count++;
    ctx.save();
  };
  node.storage.failCommits(1);
  const answer = localRpc(node, "s").read();
  await node.advance(1_000);
  assert.deepEqual(told(await answer), "storage");
  assert.deepEqual(told(await localRpc(node, "s").read()), [1, 0]);
});

Deno.test("a volatile state that was handed over waits for a start that succeeds", async () => {
  const never = withSave(definition, Save.never);
  onStart.run = () => {};
  await using node = await TestNode.start([never]);
  await localRpc(node, "s").add(3);
  await node.drain({ keepVolatile: true });
  await node.restart();
  failing(node.clock, 2);
  const answer = localRpc(node, "s").read();
  await node.advance(3_000);
  assert.deepEqual(told(await answer), [3, 0]);
});

Deno.test("a constructor that throws is a failed start, although there is a stored state", async () => {
  onStart.run = () => {};
  let missing = false;
  const create = () => {
    if (missing) throw new Error("a setting is missing");
    return new Starter();
  };
  const hosted: ClassDefinition = { ...definition, hosted: { ...definition.hosted, create } };
  await using node = await TestNode.start([hosted]);
  assert.equal(told(await localRpc(node, "s").add(5)), 5);
  await node.evict(ID);
  missing = true;
  const answer = localRpc(node, "s").add(1);
  await settle();
  assert.equal(node.process(ID)?.status, "restarting");
  missing = false;
  await node.advance(1_000);
  assert.equal(told(await answer), 6);
});
