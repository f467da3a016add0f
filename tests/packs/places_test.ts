/**
 * What holds wherever a pack runs: natively, in a process of its own, in WebAssembly on the node's thread or
 * in a worker.
 */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import type { IsolationMode } from "../../runtime/pack/carrier_choice.ts";
import type { PackRequest } from "../../runtime/pack/bundle/pack_settings.ts";
import { builtFixture, compileLibrary, loaded, rejects, scratch } from "./built_packs.ts";

const needsC = needsCompilers("c");

const PLACES: Record<IsolationMode, Omit<PackRequest, "path">> = {
  native: { mode: "native", native: true },
  isolated: { mode: "isolated", native: true },
  wasm: { mode: "wasm", trusted: true },
  worker: { mode: "wasm" },
};

async function fixtureIn(place: IsolationMode, more: Partial<PackRequest> = {}) {
  const all = await loaded([{ path: await builtFixture(), ...PLACES[place], ...more }]);
  assert.equal(all.packs.list()[0]?.place, place);
  return all;
}

Deno.test(
  "calls of a native pack without threads wait for the asynchronous one that runs",
  needsC,
  async () => {
    await using folder = await scratch();
    const path = await compileLibrary(
      folder.path,
      "single",
      `
#define DENIZEN_PACK_WAIT
#include "denizen_pack.h"
static int inside;
static int visit(dz_tick *tick) {
  dz_put_int(tick, "inside", inside);
  inside++;
  dz_wait(tick, 50);
  inside--;
  return DZ_OK;
}
static int look(dz_tick *tick) {
  dz_put_int(tick, "inside", inside);
  return DZ_OK;
}
DENIZEN_PACK("single", "1.0.0",
  { .name = "single.visit", .run = visit, .outports = "inside: number", .blocking = true },
  { .name = "single.look", .run = look, .outports = "inside: number" })
`,
    );
    await using all = await loaded([{ path, mode: "native", native: true }]);
    const visitors = await Promise.all([1, 2, 3].map(() => all.packs.actor("single.visit")));
    const looker = await all.packs.actor("single.look");
    const visits = visitors.map((actor) => actor.run({}));
    const late = all.packs.actor("single.look").then((actor) => actor.run({}));
    for (const { inside } of await Promise.all([...visits, looker.run({}), late])) assert.equal(inside, 0);
  },
);

for (const place of Object.keys(PLACES) as IsolationMode[]) {
  Deno.test(`values and attachments come back as they went in: ${place}`, needsC, async () => {
    await using all = await fixtureIn(place);
    const echo = await all.packs.actor("fixture.echo");
    for (const input of ["", "ä😀", 42, -1.5, null, true, [1, [2]], { a: { b: [] } }]) {
      assert.deepEqual((await echo.run({ input })).output, input);
    }
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const floats = new Float32Array([1, 2.5, -3]);
    const input = { bytes, list: [floats, new BigInt64Array([2n ** 62n]), new Uint8Array()] };
    assert.deepEqual((await echo.run({ input })).output, input);
    const large = new Uint8Array(5_000_000).fill(7);
    assert.deepEqual((await echo.run({ input: large })).output, large);
    const reverse = await all.packs.actor("fixture.reverse");
    assert.deepEqual(
      (await reverse.run({ input: new Uint8Array([1, 2, 3]) })).output,
      new Uint8Array([3, 2, 1]),
    );
  });

  Deno.test(`each actor has a state of its own, and a configuration: ${place}`, needsC, async () => {
    await using all = await fixtureIn(place);
    const one = await all.packs.actor("fixture.counter");
    const two = await all.packs.actor("fixture.counter", { config: { step: 10 } });
    assert.deepEqual(await one.run({}), { count: 1 });
    assert.deepEqual(await one.run({ step: 5 }), { count: 6 });
    assert.deepEqual(await two.run({}), { count: 10 });
    assert.deepEqual(await Promise.all([one.run({}), one.run({}), two.run({})]), [
      { count: 7 },
      { count: 8 },
      { count: 20 },
    ]);
    assert.equal(all.packs.list()[0]?.instances, 2);
    await one[Symbol.asyncDispose]();
    await rejects(one.run({}), "pack_closed", /the actor has ended/);
    assert.equal(all.packs.list()[0]?.instances, 1);
  });

  Deno.test(`a call that fails is an error of that call: ${place}`, needsC, async () => {
    await using all = await fixtureIn(place);
    const fail = await all.packs.actor("fixture.fail");
    const error = await rejects(fail.run({ reason: 'a "b"\n\\' }), "pack_failed", /a "b"\n\\/);
    assert.deepEqual(error.data, { pack: "fixture", status: -4 });
    const doubler = await all.packs.actor("fixture.doubler");
    await rejects(doubler.run({ input: "x" }), "pack_failed", /not a number/);
    await rejects(doubler.run({ input: NaN }), "invalid_argument", /not finite/);
    await rejects(doubler.run({ inptu: 1 }), "invalid_argument", /no inport "inptu": it has input/);
    assert.deepEqual(await doubler.run({ input: 21 }), { output: 42 });
    await rejects(all.packs.actor("fixture.none"), "unknown_template", /fixture.none/);
  });

  Deno.test(`a template that blocks does not hold up the node: ${place}`, needsC, async () => {
    await using all = await fixtureIn(place);
    const slow = await all.packs.actor("fixture.slow", { config: { ms: 300 } });
    const order: string[] = [];
    const waited = slow.run({}).then(({ waited }) => order.push(`waited ${waited}`));
    await new Promise((resolve) => setTimeout(resolve, 0));
    order.push("the node goes on");
    await waited;
    assert.deepEqual(order, ["the node goes on", "waited 300"]);
  });

  if (place === "native") continue;

  Deno.test(`a trap or an abort ends the call, not the node: ${place}`, needsC, async () => {
    await using all = await fixtureIn(place);
    const counter = await all.packs.actor("fixture.counter");
    await counter.run({});
    const trap = await all.packs.actor("fixture.trap");
    const [code, pattern] = place === "isolated"
      ? ["pack_crashed", /SIGABRT/] as const
      : ["pack_trapped", /unreachable/] as const;
    await rejects(trap.run({}), code, pattern);
    assert.deepEqual(await counter.run({}), { count: 1 }, "its state is lost with its instance");
    const segfault = await all.packs.actor("fixture.segfault");
    await rejects(segfault.run({}), code, place === "isolated" ? /SIGSEGV/ : /out of bounds/);
    assert.deepEqual(await counter.run({}), { count: 1 });
    assert.equal(all.packs.list()[0]?.restarts, 2);
    assert.ok(all.lines.some(({ level, message }) => level === "warn" && /pack restarts/.test(message)));
  });

  Deno.test(`calls that wait while the pack crashes are made on the next one: ${place}`, needsC, async () => {
    await using all = await fixtureIn(place);
    const trap = await all.packs.actor("fixture.trap");
    const doubler = await all.packs.actor("fixture.doubler");
    const crashed = trap.run({}).then(() => "no", (error) => error.code);
    const others = Array.from({ length: 5 }, (_, input) => doubler.run({ input }));
    assert.match(await crashed, /^pack_(crashed|trapped)$/);
    assert.deepEqual((await Promise.all(others)).map(({ output }) => output), [0, 2, 4, 6, 8]);
  });

  Deno.test(
    `an endless loop is stopped at its time limit, and the pack goes on: ${place}`,
    needsC,
    async () => {
      await using all = await fixtureIn(place, place === "wasm" ? {} : { timeLimitMs: 300 });
      const loop = await all.packs.actor("fixture.loop");
      await rejects(loop.run({}, { timeoutMs: 200 }), "pack_timeout", /200 ms/);
      if (place !== "wasm") await rejects(loop.run({}), "pack_timeout", /300 ms/);
      const doubler = await all.packs.actor("fixture.doubler");
      assert.deepEqual(await doubler.run({ input: 4 }), { output: 8 });
    },
  );

  if (place === "isolated") continue;

  Deno.test(`memory grows to its cap and no further: ${place}`, needsC, async () => {
    await using all = await fixtureIn(place, { memoryBytesMax: 8 * 1024 * 1024 });
    const grow = await all.packs.actor("fixture.grow");
    const bytes = 1024 * 1024;
    let taken = 0;
    const error = await rejects(
      (async () => {
        for (; taken < 10; taken++) await grow.run({ bytes });
      })(),
      "pack_out_of_memory",
      /./,
    );
    assert.ok(taken >= 5 && taken <= 8, `${taken} MiB: ${error.message}`);
    assert.ok(all.packs.list()[0]!.memoryBytes <= 8 * 1024 * 1024);
    await grow[Symbol.asyncDispose]();
    const doubler = await all.packs.actor("fixture.doubler");
    assert.deepEqual(await doubler.run({ input: 1 }), { output: 2 });
  });
}
