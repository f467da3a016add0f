import { needsCompilers } from "@denizen/pack-sdk/testing";
import { buildPack } from "@denizen/pack-sdk/build";
import assert from "node:assert/strict";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { denizen, Folder, post, Serving } from "../_command_line.ts";
import { readApp } from "./app_config.ts";
import { packsOf } from "./app_packs.ts";

const needsC = needsCompilers("c");

const FIXTURE = fileURLToPath(new URL("../../packs/fixture", import.meta.url));

/** An app with one process, and the fixture pack in another folder. */
async function appWith(pack: object, target: string): Promise<Folder> {
  return await Folder.with({
    "deno.json": JSON.stringify({
      denizen: { package: "demo", publisher: "me.os", packs: { fixture: { path: target, ...pack } } },
    }),
    "app.ts": `
      import { Http, http, process } from "@denizen/macro";
      import type { Context } from "@denizen/runtime";
      @process({ name: "Asking", endpoints: [Http("/api")] })
      export class Asking {
        @http async double(value: number, ctx: Context): Promise<number> {
          const doubler = await ctx.packs.actor("fixture.doubler");
          return (await doubler.run({ input: value })).output as number;
        }
      }`,
  });
}

async function builtFixture(): Promise<string> {
  const target = path.join(FIXTURE, "target/command_tests");
  const { skipped } = await buildPack(FIXTURE, { target });
  assert.deepEqual(skipped, []);
  return target;
}

for (
  const [pack, place] of [
    [{}, "worker"],
    [{ trusted: true }, "wasm"],
    [{ native: true, trusted: true }, "native"],
    [{ native: true, mode: "isolated" }, "isolated"],
  ] as const
) {
  for (const data of ["data", ":memory:"]) {
    Deno.test(
      `an app whose deno.json says ${JSON.stringify(pack)} has its pack as ${place}, with ${data}`,
      needsC,
      async () => {
        await using folder = await appWith(
          { ...pack, processes: { doubler: "fixture.doubler" } },
          await builtFixture(),
        );
        await using serving = new Serving(["run", ".", "--data", data, "--log", "json"], {
          cwd: folder.path,
        });
        const { url } = await serving.ready();
        assert.equal(await post(`${url}/asking:demo:me.os/api`, { Double: 21 }), 42);
        assert.deepEqual(await post(`${url}/doubler:demo:me.os/api`, { Run: { input: 4 } }), { output: 8 });
        const line = JSON.parse(await serving.error(/^\{.*pack loaded.*$/m));
        assert.equal(line.place, place);
      },
    );
  }
}

Deno.test(
  "a pack in the folder packs needs no settings, and junk there does not prevent the start",
  needsC,
  async () => {
    await using folder = await appWith({}, await builtFixture());
    await folder.write("deno.json", '{ "denizen": { "package": "demo", "publisher": "me.os" } }');
    await Deno.mkdir(folder.file("packs"));
    await Deno.copyFile(
      path.join(await builtFixture(), "wasm/fixture.wasm"),
      folder.file("packs/fixture.wasm"),
    );
    await folder.write("packs/junk.pack", "junk");
    await using serving = new Serving(["run", "."], { cwd: folder.path });
    const { url } = await serving.ready();
    assert.equal(await post(`${url}/asking:demo:me.os/api`, { Double: 21 }), 42);
    await serving.error(
      /a pack was not loaded path=.*junk\.pack reason=Cannot read the pack at .* as it is not a bundle/,
    );
  },
);

Deno.test("wrong settings and missing packs are reported before the node starts", async () => {
  await using folder = await appWith({ natve: true }, "./none.pack");
  const wrong = await denizen(["run", "."], { cwd: folder.path });
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /denizen.packs.fixture.natve as it is true; write one of path, mode, native/);
  await folder.write("deno.json", '{ "denizen": { "packs": { "a": "./none.pack" } } }');
  const missing = await denizen(["run", "."], { cwd: folder.path });
  assert.equal(missing.code, 1);
  assert.match(missing.err, /none\.pack/);
});

Deno.test("apps that share a deno.json share its packs, and a named pack wins over the folder packs", async () => {
  await using folder = await appWith({}, "./packs/a.pack");
  await folder.write("packs/a.pack", "");
  await folder.write("packs/b.pack", "");
  const apps = await Promise.all([folder.path, folder.file("app.ts")].map(readApp));
  assert.deepEqual(await packsOf(apps), [
    { path: folder.file("packs/a.pack") },
    { path: folder.file("packs/b.pack"), optional: true },
  ]);
});
