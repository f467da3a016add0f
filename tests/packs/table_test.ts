/** Loading and unloading packs: several versions at once, replaced while in use, all or nothing. */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  builtFixture,
  compileLibrary,
  compileModule,
  fixtureLibrary,
  fixtureModule,
  loaded,
  rejects,
  scratch,
} from "./built_packs.ts";

const needsC = needsCompilers("c");

/** A pack whose templates return its version. */
const source = (name: string, version: string, templates: string[]) => `
#define DENIZEN_PACK_WAIT
#include "denizen_pack.h"
typedef struct { int64_t calls; } state;
static int tell(dz_tick *tick) {
  state *self = dz_state(tick);
  dz_put_int(tick, "calls", ++self->calls);
  dz_put_int(tick, "version", ${version[0]});
  return DZ_OK;
}
DENIZEN_PACK("${name}", "${version}"${
  templates.map((id) =>
    `,
  { .name = "${id}", .run = tell, .state_size = sizeof(state), .outports = "version: number, calls: number" }`
  ).join("")
})
`;

Deno.test("two versions are loaded at once, and a name means the one loaded last", needsC, async () => {
  await using folder = await scratch();
  await using all = await loaded([]);
  for (const version of ["1.0.0", "2.0.0"]) {
    const path = await compileModule(folder.path, `v${version}`, source("teller", version, ["teller.tell"]));
    await all.packs.load({ path, trusted: true });
  }
  const version = async (id: string) => (await (await all.packs.actor(id)).run({})).version;
  assert.equal(await version("teller.tell"), 2);
  assert.equal(await version("teller.tell@1.0.0"), 1);
  await rejects(
    all.packs.actor("teller.tell@3.0.0"),
    "unknown_template",
    /in that version: teller.tell@3.0.0/,
  );
  await all.packs.unload("teller", { version: "2.0.0", now: true });
  assert.equal(await version("teller.tell"), 1);
});

Deno.test(
  "a template that another pack has is refused, and nothing of the pack is left behind",
  needsC,
  async () => {
    await using folder = await scratch();
    await using all = await loaded([{ path: await fixtureModule(), trusted: true }]);
    const path = await compileModule(
      folder.path,
      "thief",
      source("thief", "1.0.0", ["thief.one", "fixture.echo"]),
    );
    await rejects(all.packs.load({ path }), "duplicate_template", /fixture.echo of fixture/);
    await rejects(all.packs.actor("thief.one"), "unknown_template", /thief.one/);
    assert.deepEqual(all.packs.list().map(({ name }) => name), ["fixture"]);
  },
);

Deno.test("the same pack is loaded once; other files of the same version are refused", needsC, async () => {
  await using folder = await scratch();
  const path = await fixtureModule();
  await using all = await loaded([{ path }]);
  await Promise.all([all.packs.load({ path }), all.packs.load({ path: await builtFixture(), mode: "wasm" })]);
  assert.equal(all.packs.list().length, 1);
  const other = await compileModule(folder.path, "fixture", source("fixture", "1.0.0", ["fixture.new"]));
  await rejects(all.packs.load({ path: other }), "duplicate_template", /loaded from other files/);
  await rejects(all.packs.actor("fixture.new"), "unknown_template", /fixture.new/);
});

Deno.test("a replaced pack serves its actors until the last one is gone", needsC, async () => {
  await using folder = await scratch();
  const path = await compileModule(folder.path, "teller", source("teller", "1.0.0", ["teller.tell"]));
  await using all = await loaded([{ path, trusted: true }]);
  const old = await all.packs.actor("teller.tell");
  await old.run({});
  await compileModule(folder.path, "teller", source("teller", "2.0.0", ["teller.tell", "teller.more"]));
  assert.equal((await all.packs.reload("teller")).version, "2.0.0");
  assert.deepEqual(await old.run({}), { version: 1, calls: 2 });
  const next = await all.packs.actor("teller.tell");
  assert.deepEqual(await next.run({}), { version: 2, calls: 1 });
  await old[Symbol.asyncDispose]();
  assert.deepEqual(all.packs.list().map(({ version, instances }) => [version, instances]), [["2.0.0", 1]]);

  await Deno.writeTextFile(path, "broken");
  await rejects(all.packs.reload("teller"), "pack_unreadable", /not a bundle/);
  assert.deepEqual(await next.run({}), { version: 2, calls: 2 }, "the old one stays");
});

Deno.test("native code is replaced by the same file without sharing its variables", needsC, async () => {
  await using all = await loaded([{ path: await fixtureLibrary(), mode: "native", native: true }]);
  const before = await all.packs.actor("fixture.counter");
  await before.run({});
  await all.packs.reload("fixture");
  const after = await all.packs.actor("fixture.counter");
  assert.deepEqual(await after.run({}), { count: 1 });
  await before.run({});
  await before[Symbol.asyncDispose]();
  assert.deepEqual(await after.run({}), { count: 2 });
});

for (const mode of ["native", "isolated", "wasm"] as const) {
  Deno.test(`unloading waits for the actors, and calls that run are not cut: ${mode}`, needsC, async () => {
    await using all = await loaded([{ path: await builtFixture(), mode, native: true }]);
    const slow = await all.packs.actor("fixture.slow", { config: { ms: 200 } });
    const running = slow.run({});
    let gone = false;
    const unloaded = all.packs.unload("fixture").then(() => gone = true);
    await rejects(all.packs.actor("fixture.echo"), "unknown_template", /fixture.echo/);
    assert.deepEqual(await running, { waited: 200 });
    assert.equal(gone, false);
    assert.deepEqual(await slow.run({}), { waited: 200 });
    await slow[Symbol.asyncDispose]();
    await unloaded;
    await rejects(all.packs.unload("fixture"), "pack_closed", /not loaded: fixture/);
  });

  Deno.test(
    `unloading now lets the call that runs finish and refuses the next: ${mode}`,
    needsC,
    async () => {
      await using all = await loaded([{ path: await builtFixture(), mode, native: true }]);
      const slow = await all.packs.actor("fixture.slow", { config: { ms: 200 } });
      const running = slow.run({});
      // The call is in the pack before it is unloaded.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const unloaded = all.packs.unload("fixture", { now: true });
      assert.deepEqual(await running, { waited: 200 });
      await unloaded;
      await rejects(slow.run({}), "pack_closed", /unloaded/);
      await slow[Symbol.asyncDispose]();
    },
  );
}

Deno.test("a closed table loads nothing, and its actors say so", needsC, async () => {
  const path = await fixtureModule();
  const all = await loaded([{ path, trusted: true }]);
  const echo = await all.packs.actor("fixture.echo");
  await all.packs[Symbol.asyncDispose]();
  await rejects(echo.run({ input: 1 }), "pack_closed", /unloaded/);
  await rejects(all.packs.load({ path }), "pack_closed", /closed/);
});

for (const mode of ["isolated", "wasm"] as const) {
  Deno.test(`a table that is stopped at once stops the calls that run: ${mode}`, needsC, async () => {
    await using all = await loaded([{ path: await builtFixture(), mode, native: true }]);
    const loop = await all.packs.actor("fixture.loop");
    const running = rejects(loop.run({}), "pack_closed", /was stopped/);
    // The call is in the pack before it is stopped.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const closed = all.packs[Symbol.asyncDispose]();
    await all.packs.abort();
    await Promise.all([running, closed]);
    await rejects(loop.run({}), "pack_closed", /unloaded/);
  });
}

Deno.test(
  "a table that is stopped at once does not wait for native code in this process",
  needsC,
  async () => {
    const all = await loaded([{ path: await fixtureLibrary(), mode: "native", native: true }]);
    const slow = await all.packs.actor("fixture.slow", { config: { ms: 200 } });
    const order: string[] = [];
    const running = slow.run({}).then(() => order.push("the call ended"));
    const closed = all.packs[Symbol.asyncDispose]();
    await all.packs.abort();
    order.push("stopped");
    await Promise.all([running, closed]);
    assert.deepEqual(order, ["stopped", "the call ended"]);
  },
);

Deno.test("a process keeps its actors from call to call; another process has others", needsC, async () => {
  await using all = await loaded([{ path: await fixtureModule(), trusted: true }]);
  const one = {}, two = {};
  const count = async (owner: object, config?: object) => {
    const counter = await all.packs.scope(owner).actor("fixture.counter", { config: { ...config } });
    return (await counter.run({})).count;
  };
  assert.deepEqual([await count(one), await count(one), await count(two)], [1, 2, 1]);
  assert.equal(await count(one, { step: 5 }), 5, "another configuration is another actor");
  const counter = await all.packs.scope(one).actor("fixture.counter", { config: {} });
  await counter[Symbol.asyncDispose]();
  assert.equal(await count(one), 1, "an actor that was ended is created again");
  await all.packs.reload("fixture");
  assert.equal(await count(one), 1, "an actor of a replaced pack is created again");
});

Deno.test("a pack that keeps crashing is restarted a bounded number of times", needsC, async () => {
  let now = 0;
  const clock = {
    now: () => 0,
    monotonic: () => now,
    after: () => () => {},
    random: () => 0,
    uuid: () => "",
  };
  await using all = await loaded([{ path: await fixtureModule(), trusted: true }], { clock });
  const trap = await all.packs.actor("fixture.trap");
  for (let times = 0; times <= 60; times++) await rejects(trap.run({}), "pack_trapped", /unreachable/);
  await rejects(trap.run({}), "restarting", /PACK_RESTARTS_MAX/);
  now += 60_000;
  await rejects(trap.run({}), "pack_trapped", /unreachable/);
});

Deno.test("ten thousand actors of a native pack come and go", needsC, async () => {
  await using all = await loaded([{ path: await fixtureLibrary(), mode: "native", native: true }]);
  const actors = await Promise.all(Array.from({ length: 10_000 }, () => all.packs.actor("fixture.counter")));
  assert.equal(all.packs.list()[0]?.instances, 10_000);
  await Promise.all(actors.map((actor) => actor.run({})));
  assert.deepEqual(await actors[9_999]!.run({}), { count: 2 });
  await Promise.all(actors.map((actor) => actor[Symbol.asyncDispose]()));
  assert.equal(all.packs.list()[0]?.instances, 0);
});

Deno.test("a library is opened from a copy that goes when nothing needs it any more", needsC, async () => {
  await using folder = await scratch();
  const path = await compileLibrary(folder.path, "teller", source("teller", "1.0.0", ["teller.tell"]));
  const cache = join(folder.path, "cache");
  {
    await using all = await loaded([{ path, mode: "native", native: true }], { cache });
    const teller = await all.packs.actor("teller.tell");
    assert.deepEqual(await teller.run({}), { version: 1, calls: 1 });
    assert.deepEqual([...Deno.readDirSync(cache)], [], "an open library is no longer a file");
  }
  {
    await using all = await loaded([{ path, mode: "isolated", native: true }], { cache });
    assert.equal([...Deno.readDirSync(cache)].length, 1);
    assert.equal(all.packs.list()[0]?.place, "isolated");
  }
  assert.deepEqual([...Deno.readDirSync(cache)], []);
});
