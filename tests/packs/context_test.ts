/** Packs as a process uses them. */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { type PackActor, unwrap } from "@denizen/runtime";
import { PACK_INSTANCES_PER_PROCESS_MAX } from "../../runtime/limits.ts";
import { host } from "../hosted.ts";
import { builtFixture, loaded, rejects } from "./built_packs.ts";

const needsC = needsCompilers("c");

for (const mode of ["native", "isolated", "wasm"] as const) {
  Deno.test(`a process calls templates through its context: ${mode}`, needsC, async () => {
    const packs = [{ path: await builtFixture(), mode, native: true }];
    await using hosted = await host(["doubling"], { packs });
    const ask = async (body: unknown) =>
      await (await hosted.post("/doubling:tests:denizen.os/api", body)).json();
    assert.equal(await ask({ Double: 21 }), 42);
    assert.deepEqual(
      [await ask({ Count: null }), await ask({ Count: null })],
      [1, 2],
      "the actor is kept from call to call",
    );
    const evicted = await hosted.node.evict("our@doubling:tests:denizen.os");
    assert.equal(evicted, true);
    assert.equal(await ask({ Count: null }), 1, "and not longer than the process is in memory");
    if (mode === "native") return;
    const { error } = await ask({ Trap: null });
    assert.match(error.code, /^pack_(trapped|crashed)$/);
    assert.equal(await ask({ Made: null }), 1, "what the handler changed is undone");
    assert.equal(await ask({ Double: 1 }), 2);
  });
}

for (const mode of ["isolated", "wasm"] as const) {
  Deno.test(`a call ends at the deadline of the handler that made it: ${mode}`, needsC, async () => {
    const packs = [{ path: await builtFixture(), mode, native: true }];
    await using hosted = await host(["doubling"], { packs });
    const { node } = hosted, address = "doubling:tests:denizen.os";
    assert.equal(unwrap(await node.send(address, { Double: 1 })), 2);
    const looped = await node.send(address, { Loop: null }, { timeoutMs: 500 });
    assert.throws(() => unwrap(looped), { code: /^(pack_)?timeout$/ });
    assert.equal(unwrap(await node.send(address, { Double: 2 }, { timeoutMs: 10_000 })), 4);
    assert.equal(node.packs.list()[0]?.restarts, 1, "the call was stopped, and not waited for");
  });
}

Deno.test(
  "a call whose deadline passed while it waited does not begin, and what it waits for goes on",
  needsC,
  async () => {
    await using all = await loaded([{ path: await builtFixture(), mode: "wasm" }]);
    const slow = await all.packs.actor("fixture.slow", { config: { ms: 300 } });
    const deadline = Date.now() + 150;
    for (const template of ["fixture.doubler", "fixture.slow"]) {
      const running = slow.run({});
      const actor = template === "fixture.slow" ? slow : await all.packs.actor(template);
      await rejects(actor.run({}, { deadline }), "pack_timeout", /deadline has passed/);
      assert.deepEqual(await running, { waited: 300 });
    }
    assert.equal(all.packs.list()[0]?.restarts, 0);
  },
);

Deno.test("an actor outlives the deadline of the handler that made it", needsC, async () => {
  await using all = await loaded([{ path: await builtFixture(), mode: "wasm" }]);
  let deadline = 0;
  const doubler = await all.packs.scope({}, () => deadline).actor("fixture.doubler");
  await rejects(doubler.run({ input: 1 }), "pack_timeout", /deadline has passed/);
  deadline = Infinity;
  assert.deepEqual(await doubler.run({ input: 1 }), { output: 2 });
});

Deno.test(
  "a process holds a bounded number of instances, and the least recently used idle one ends",
  needsC,
  async () => {
    await using all = await loaded([{ path: await builtFixture(), mode: "wasm", trusted: true }]);
    const scope = all.packs.scope({});
    const held = () => all.packs.list()[0]!.instances;
    const slow = await scope.actor("fixture.slow", { config: { ms: 500 } });
    const running = slow.run({});
    const counter = (step: number) => scope.actor("fixture.counter", { config: { step } });
    const first = await counter(1), second = await counter(2);
    for (let step = 3; step < PACK_INSTANCES_PER_PROCESS_MAX; step++) await counter(step);
    assert.equal(held(), PACK_INSTANCES_PER_PROCESS_MAX);
    await first.run({});
    for (let step = 1_000; step < 1_002; step++) await (await counter(step)).run({});
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(held(), PACK_INSTANCES_PER_PROCESS_MAX);
    assert.deepEqual([first.ended, second.ended, slow.ended], [false, true, false]);
    assert.deepEqual(await (await counter(1)).run({}), { count: 2 });
    assert.deepEqual(await (await counter(2)).run({}), { count: 2 }, "a new instance");
    assert.deepEqual(await running, { waited: 500 });
  },
);

Deno.test("where every instance of a process runs a call, another one is refused", needsC, async () => {
  await using all = await loaded([{ path: await builtFixture(), mode: "wasm", trusted: true }]);
  const scope = all.packs.scope({});
  const actors: PackActor[] = [];
  for (let at = 0; at < PACK_INSTANCES_PER_PROCESS_MAX; at++) {
    actors.push(await scope.actor("fixture.slow", { config: { ms: 1, at } }));
  }
  const running = actors.map((actor) => actor.run({}));
  await rejects(scope.actor("fixture.counter"), "overloaded", /PACK_INSTANCES_PER_PROCESS_MAX/);
  await Promise.all(running);
  await scope.actor("fixture.counter");
});

for (const mode of ["native", "isolated", "wasm"] as const) {
  Deno.test(
    `a node that drains waits for the packs' calls, and stops those that do not end: ${mode}`,
    needsC,
    async () => {
      const slow = { id: "slow:tests:denizen.os", template: "fixture.slow", config: { ms: 300 } };
      const packs = [{ path: await builtFixture(), mode, native: true, processes: [slow] }];
      await using patient = await host([], { packs });
      const running = patient.node.send(slow.id, { Run: {} });
      // The call is in the pack before the node drains.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await patient.node.drain();
      assert.deepEqual(unwrap(await running), { waited: 300 });
      if (mode === "native") return;

      await using hasty = await host(["doubling"], { packs });
      const looping = hasty.node.send("doubling:tests:denizen.os", { Loop: null });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const started = Date.now();
      await hasty.node.drain({ deadlineMs: 200 });
      assert.ok(Date.now() - started < 5_000, "it waited for a call that never ends");
      assert.notEqual((await looping).status, "Success");
    },
  );
}
