/**
 * Packs built with the Reflow SDK run unchanged: its wasm ABI, its messages in both dialects, its bundles.
 */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { openReflowWasm } from "../../runtime/pack/reflow/carrier.ts";
import { writeZip } from "../../runtime/pack/bundle/zip_writer.ts";
import { loaded, rejects, scratch } from "./built_packs.ts";
import { reflowModule } from "./reflow_fixture.ts";
import ticks from "./testdata/reflow_ticks.json" with { type: "json" };

const needsC = needsCompilers("c");

Deno.test("ticks answer byte for byte as the vectors say", needsC, async () => {
  await using folder = await scratch();
  const module = new WebAssembly.Module(await Deno.readFile(await reflowModule(folder.path, "bytes")));
  const carrier = openReflowWasm(module);
  const names = carrier.description.templates.map(({ name }) => name);
  assert.deepEqual(names.slice(0, 5), ["my.echo", "my.doubler", "my.counter", "my.fail", "my.trap"]);
  for (const { template, payload, status, result } of ticks) {
    const factory = names.indexOf(template);
    const instance = factory === -1 ? 99 : carrier.create(factory);
    assert.deepEqual(carrier.run(instance, payload), { status, text: result }, template);
    carrier.destroy(instance);
  }
  assert.throws(() => carrier.create(99), /the pack refused: factory 99/);
});

interface RawReflow extends WebAssembly.Exports {
  readonly memory: WebAssembly.Memory;
  __reflow_pack_register(): number;
  __reflow_pack_alloc(size: number): number;
  __reflow_pack_create_actor(factory: number): number;
  __reflow_pack_destroy_actor(instance: number): void;
  __reflow_pack_actor_run(instance: number, at: number, length: number, out: number, size: number): number;
}

Deno.test(
  "a payload that is not UTF-8 is refused by the pack, as is an instance that is gone",
  needsC,
  async () => {
    await using folder = await scratch();
    const module = new WebAssembly.Module(await Deno.readFile(await reflowModule(folder.path, "bytes")));
    const env = { __reflow_pack_register_template: () => {} };
    const bindgen = {
      __wbindgen_placeholder__: { __wbg_now_0: () => 0 },
      __wbindgen_externref_xform__: { __wbindgen_externref_table_grow: () => 0 },
    };
    const pack = new WebAssembly.Instance(module, { env, ...bindgen }).exports as RawReflow;
    assert.equal(pack.__reflow_pack_register(), 0);
    assert.equal(pack.__reflow_pack_alloc(0), 0);
    const instance = pack.__reflow_pack_create_actor(0), at = pack.__reflow_pack_alloc(16);
    const out = pack.__reflow_pack_alloc(9) + 1;
    const { buffer } = pack.memory;
    new Uint8Array(buffer, at, 3).set([0x22, 0xff, 0x22]);
    const run = () => {
      const status = pack.__reflow_pack_actor_run(instance, at, 3, out, out + 4);
      const view = new DataView(buffer);
      const text = new Uint8Array(buffer, view.getUint32(out, true), view.getUint32(out + 4, true));
      return [status, new TextDecoder().decode(text)];
    };
    const reason = "invalid utf-8 in payload: invalid utf-8 sequence of 1 bytes from index 1";
    assert.deepEqual(run(), [-2, JSON.stringify({ error: reason })]);
    pack.__reflow_pack_destroy_actor(instance);
    assert.equal(run()[0], -1);
  },
);

Deno.test("a plain pack stays plain, though an object of it looks like bytes", needsC, async () => {
  await using folder = await scratch();
  await using all = await loaded([{ path: await reflowModule(folder.path, "plain"), trusted: true }]);
  const echo = await all.packs.actor("my.echo");
  for (const input of [{ a: 1 }, [{ data: [49] }], { b: { data: [1] } }, [{ data: [123, 125] }, 1]]) {
    assert.deepEqual(await echo.run({ input }), { output: input });
  }
});

Deno.test(
  "a result outside the memory, a text that is not JSON and a late template are survived",
  needsC,
  async () => {
    await using folder = await scratch();
    for (const trusted of [true, false]) {
      await using all = await loaded([{ path: await reflowModule(folder.path, "bytes"), trusted }]);
      const run = async (name: string) => await (await all.packs.actor(name)).run({});
      await rejects(run("my.outside"), "pack_reply_invalid", /outside the memory/);
      const error = await rejects(
        run("my.unwritable"),
        "pack_failed",
        /^serialize output: .* "string"\nat C:\\out$/,
      );
      assert.equal(error.data?.status, -5);
      const before = all.packs.list()[0]?.templates.length;
      assert.deepEqual(await run("my.late"), {});
      assert.equal(all.packs.list()[0]?.templates.length, before);
      assert.deepEqual(await (await all.packs.actor("my.doubler")).run({ input: 3 }), { output: 6 });
    }
  },
);

for (const dialect of ["bytes", "plain"] as const) {
  for (const trusted of [true, false]) {
    Deno.test(
      `a pack of the SDK loads and ticks: ${dialect}, ${trusted ? "on the thread" : "in a worker"}`,
      needsC,
      async () => {
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
          2n ** 63n - 1n,
          { a: [-(2n ** 62n), { b: 2n ** 60n + 1n }] },
        ];
        for (const input of values) assert.deepEqual(await echo.run({ input }), { output: input });
        assert.deepEqual(await echo.run({}), {});
        const one = await all.packs.actor("my.counter"), two = await all.packs.actor("my.counter");
        assert.deepEqual([await one.run({}), await one.run({}), await two.run({})], [
          { count: 1 },
          { count: 2 },
          { count: 1 },
        ]);
      },
    );
  }

  Deno.test(
    `its error texts are survived though they are no JSON, and so is a trap: ${dialect}`,
    needsC,
    async () => {
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
      const browser = await all.packs.actor("my.browser");
      await rejects(
        browser.run({}),
        "pack_trapped",
        /calls JavaScript, which this host does not offer: __wb/,
      );
      assert.deepEqual(await (await all.packs.actor("my.doubler")).run({ input: 1 }), { output: 2 });
    },
  );
}

Deno.test(
  "a bundle of Reflow's is loaded, with deflate and zstd, and with any ABI number",
  needsC,
  async () => {
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
  },
);
