/** Packs built with the Reflow SDK run unchanged: its wasm ABI, its messages in both dialects, its bundles. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fromMessage, type ReflowDialect, toMessage } from "../../runtime/pack/reflow_messages.ts";
import { openReflowWasm } from "../../runtime/pack/reflow_wasm.ts";
import { writeZip } from "../../runtime/pack/zip_writer.ts";
import { loaded, rejects, scratch } from "./built_packs.ts";
import { reflowModule } from "./reflow_fixture.ts";
import messages from "./testdata/reflow_messages.json" with { type: "json" };
import ticks from "./testdata/reflow_ticks.json" with { type: "json" };

interface MessageVector {
  readonly name: string;
  readonly dialect?: ReflowDialect;
  readonly direction?: "from";
  readonly value?: unknown;
  readonly bytes?: number[];
  readonly message: unknown;
}

Deno.test("messages are written and read as the vectors say, in both dialects", () => {
  for (const vector of messages as MessageVector[]) {
    const value = vector.bytes ? new Uint8Array(vector.bytes) : vector.value;
    const read = fromMessage(structuredClone(vector.message));
    assert.deepEqual(read.value, value, `reading ${vector.name}`);
    if (vector.dialect) assert.equal(read.dialect, vector.dialect, vector.name);
    if (vector.direction === "from") continue;
    for (const dialect of vector.dialect ? [vector.dialect] : ["bytes", "plain"] as const) {
      const written = JSON.parse(JSON.stringify(toMessage(value, dialect)));
      assert.deepEqual(written, vector.message, `writing ${vector.name}`);
    }
  }
});

Deno.test("integers of 64 bits stay exact, and what no message can hold is refused", () => {
  const big = 2n ** 63n - 1n;
  assert.equal(JSON.stringify(toMessage(big, "plain")), `{"type":"Integer","data":${big}}`);
  for (const value of [NaN, Infinity, 2n ** 63n, undefined, () => {}]) {
    assert.throws(() => toMessage(value, "plain"), /Cannot write a message/);
  }
});

Deno.test("ticks answer byte for byte as the vectors say", async () => {
  await using folder = await scratch();
  const module = new WebAssembly.Module(await Deno.readFile(await reflowModule(folder.path, "bytes")));
  const carrier = openReflowWasm(module);
  const names = carrier.description.templates.map(({ name }) => name);
  assert.deepEqual(names, ["my.echo", "my.doubler", "my.counter", "my.fail", "my.trap"]);
  for (const { template, payload, status, result } of ticks) {
    const factory = names.indexOf(template);
    const instance = factory === -1 ? 99 : carrier.create(factory);
    assert.deepEqual(carrier.run(instance, payload), { status, text: result }, template);
    carrier.destroy(instance);
  }
  assert.throws(() => carrier.create(99), /the pack refused: factory 99/);
});

for (const dialect of ["bytes", "plain"] as const) {
  for (const trusted of [true, false]) {
    Deno.test(`a pack of the SDK loads and ticks: ${dialect}, ${trusted ? "on the thread" : "in a worker"}`, async () => {
      await using folder = await scratch();
      await using all = await loaded([{ path: await reflowModule(folder.path, dialect), trusted }]);
      const doubler = await all.packs.actor("my.doubler");
      assert.deepEqual(await doubler.run({ input: 21 }), { output: 42 });
      const echo = await all.packs.actor("my.echo", { config: { any: true } });
      const values = [
        { a: { b: [1, "ä"] } },
        [1, { c: null }],
        "text",
        2.5,
        null,
        new Uint8Array([7, 8]),
        {},
      ];
      for (const input of values) assert.deepEqual(await echo.run({ input }), { output: input });
      assert.deepEqual(await echo.run({}), {});
      const one = await all.packs.actor("my.counter"), two = await all.packs.actor("my.counter");
      assert.deepEqual([await one.run({}), await one.run({}), await two.run({})], [
        { count: 1 },
        { count: 2 },
        { count: 1 },
      ]);
    });
  }

  Deno.test(`its error texts are survived though they are no JSON, and so is a trap: ${dialect}`, async () => {
    await using folder = await scratch();
    await using all = await loaded([{ path: await reflowModule(folder.path, dialect), trusted: true }]);
    const fail = await all.packs.actor("my.fail");
    const error = await rejects(
      fail.run({}),
      "pack_failed",
      /^actor run failed: "two"\nlines and a \\ in it$/,
    );
    assert.equal(error.data?.status, -4);
    const trap = await all.packs.actor("my.trap");
    await rejects(trap.run({}), "pack_trapped", /unreachable/);
    assert.deepEqual(await (await all.packs.actor("my.doubler")).run({ input: 1 }), { output: 2 });
  });
}

Deno.test("a bundle of Reflow's is loaded, with deflate and zstd, whatever ABI number it states", async () => {
  await using folder = await scratch();
  const module = await Deno.readFile(await reflowModule(folder.path, "bytes"));
  const manifest = {
    manifest_version: 1,
    name: "reflow.pack.my",
    version: "0.2.0",
    reflow_pack_abi_version: 1,
    targets: {
      [Deno.build.target]: { file: `lib/${Deno.build.target}/libmy.so` },
      "wasm32-unknown-unknown": { file: "lib/wasm32-unknown-unknown/my.wasm" },
    },
    templates: ["tpl_advisory"],
  };
  for (const method of ["deflate", "zstd"] as const) {
    const path = join(folder.path, `${method}.rflpack`);
    const text = new TextEncoder().encode(JSON.stringify(manifest));
    const files = [["manifest.json", text], ["lib/wasm32-unknown-unknown/my.wasm", module]] as const;
    await Deno.writeFile(path, writeZip(files, method));
    await using all = await loaded([{ path, native: true, trusted: true }]);
    const [info] = all.packs.list();
    assert.deepEqual([info?.name, info?.version, info?.place], ["reflow.pack.my", "0.2.0", "wasm"]);
    assert.deepEqual(await (await all.packs.actor("my.doubler")).run({ input: 4 }), { output: 8 });
  }
});
