import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { writeZip } from "../../runtime/pack/bundle/zip_writer.ts";
import { denizen, Folder, post, Serving } from "../_command_line.ts";
import { builtFixture, eventsOf, fails, fixtureBundle, folderWithBundle, succeeds } from "./_packs.ts";

const needsC = needsCompilers("c");

const CONFIG = `{
  // Of the whole shop.
  "denizen": { "package": "shop", /* us */ "publisher": "me.os" },
}
`;

async function check(file: string, cwd: string): Promise<{ success: boolean; said: string }> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", file],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  return { success, said: new TextDecoder().decode(stderr) };
}

const DOUBLING = `
  import { Http, http, process } from "@denizen/macro";
  import type { Context } from "@denizen/runtime";
  import { counter, doubler } from "./generated/fixture_pack.ts";
  @process({ name: "Doubling", endpoints: [Http("/api")] })
  export class Doubling {
    @http async double(value: number, ctx: Context): Promise<number> {
      const actor = await ctx.packs.actor(doubler);
      const { output } = await actor.run({ input: value });
      return output;
    }
    @http async count(ctx: Context): Promise<number> {
      const actor = await ctx.packs.actor(counter, { config: { step: 3 } });
      return (await actor.run({})).count;
    }
  }
`;

Deno.test("an app uses a pack that was added, typed from end to end", needsC, async () => {
  await using folder = await Folder.with();
  await succeeds(["new", "shop", "--publisher", "me.os"], folder.path);
  await Deno.writeFile(folder.file("fixture-1.0.0.pack"), await fixtureBundle());
  const cwd = folder.file("shop");
  const added = await succeeds(["pack", "add", "../fixture-1.0.0.pack", "--native", "--trusted"], cwd);
  assert.match(added.out, /Copied \.\.\/fixture-1\.0\.0\.pack to packs\/fixture\.pack/);
  assert.match(added.out, /wrote +generated\/fixture_pack\.ts/);
  await folder.write("shop/doubling.ts", DOUBLING);
  const right = await check("doubling.ts", cwd);
  assert.ok(right.success, right.said);
  await folder.write("shop/wrong.ts", DOUBLING.replace("input: value", 'input: "two"'));
  const wrong = await check("wrong.ts", cwd);
  assert.match(wrong.said, /Type 'string' is not assignable to type 'number'/);
  await Deno.remove(folder.file("shop/wrong.ts"));

  await using node = new Serving(["run", "."], { cwd });
  const { url } = await node.ready();
  assert.equal(await post(`${url}/doubling:shop:me.os/api`, { Double: 21 }), 42);
  assert.equal(await post(`${url}/doubling:shop:me.os/api`, "Count"), 3);
  const running = await succeeds(["pack", "list", "--running"], cwd);
  assert.match(running.out, /^fixture +1\.0\.0 +native +2 +0/m);
});

Deno.test("an entry is written into the deno.json, and comments are preserved", needsC, async () => {
  await using folder = await folderWithBundle({ "app/deno.json": CONFIG });
  await succeeds(["pack", "add", "fixture.pack", "--app", "app"], folder.path);
  const text = await Deno.readTextFile(folder.file("app/deno.json"));
  assert.match(text, /\/\/ Of the whole shop\./);
  assert.match(text, /\/\* us \*\//);
  assert.match(text, /"packs": \{\n {6}"fixture": "\.\/packs\/fixture\.pack"\n {4}\}/);
  assert.deepEqual(await Deno.readFile(folder.file("app/packs/fixture.pack")), await fixtureBundle());
});

Deno.test(
  "a pack of the same name is replaced only with --replace, and keeps its other settings",
  needsC,
  async () => {
    await using folder = await folderWithBundle({
      "app/deno.json":
        '{ "denizen": { "packs": { "fixture": { "path": "./old.pack", "timeLimitMs": 500 } } } }',
    });
    const args = ["pack", "add", "fixture.pack", "--app", "app", "--mode", "wasm"];
    await fails(
      args,
      folder.path,
      1,
      /the app already has a pack fixture: .*old\.pack.*\nhint: .*--replace/,
    );
    const [added] = eventsOf(await succeeds([...args, "--replace", "--json"], folder.path));
    const entry = { path: "./packs/fixture.pack", timeLimitMs: 500, mode: "wasm" };
    assert.deepEqual(added!.entry, entry);
    const config = JSON.parse(await Deno.readTextFile(folder.file("app/deno.json")));
    assert.deepEqual(config.denizen.packs.fixture, entry);
  },
);

Deno.test(
  "a folder is added as a bundle, under another name, to an app without a deno.json",
  needsC,
  async () => {
    await using folder = await Folder.with({ "app/app.ts": "" });
    await succeeds(
      ["pack", "add", await builtFixture(), "--app", "app", "--name", "my-fixture"],
      folder.path,
    );
    const config = JSON.parse(await Deno.readTextFile(folder.file("app/deno.json")));
    assert.deepEqual(config, { denizen: { packs: { "my-fixture": "./packs/my-fixture.pack" } } });
    await Deno.stat(folder.file("app/generated/my_fixture_pack.ts"));
    const { out } = await succeeds(["pack", "list", "app"], folder.path);
    assert.match(out, /my-fixture +1\.0\.0 +worker/);
  },
);

Deno.test(
  "a pack must be signed with the required key, which is written into the deno.json",
  needsC,
  async () => {
    await using folder = await folderWithBundle({ "app/deno.json": "{}" });
    await succeeds(["pack", "sign", "--new-key", "me.pem"], folder.path);
    const args = ["pack", "add", "fixture.pack", "--app", "app", "--key", "me.pem"];
    await fails(args, folder.path, 1, /Cannot trust the pack at .* as it is not signed/);
    await succeeds(["pack", "sign", "fixture.pack", "--key", "me.pem"], folder.path);
    const [added] = eventsOf(await succeeds([...args, "--json"], folder.path));
    assert.match((added!.entry as { key: string }).key, /^[A-Za-z0-9+/]{43}=$/);
    const [listed] = eventsOf(await succeeds(["pack", "list", "app", "--json"], folder.path));
    assert.equal((listed!.packs as { place: string }[])[0]!.place, "wasm");
  },
);

Deno.test(
  "a pack that fails verification, or has a wrong name or settings, is not added",
  needsC,
  async () => {
    await using folder = await folderWithBundle({
      "text.pack": "hello",
      "app/deno.json": "{}",
      "broken/deno.json": "{",
    });
    await Deno.writeFile(
      folder.file("slip.pack"),
      writeZip([["../../evil.ts", new TextEncoder().encode("evil")]]),
    );
    await succeeds(
      ["pack", "strip", "fixture.pack", "--keep", "native", "--output", "native.pack"],
      folder.path,
    );
    const cases: [string[], number, RegExp][] = [
      [["text.pack"], 1, /it is not a bundle/],
      [["slip.pack"], 1, /leads out of it: "\.\.\/\.\.\/evil\.ts"/],
      [["fixture.pack", "--name", "../../evil"], 2, /Cannot use the name of the pack .*: "\.\.\/\.\.\/evil"/],
      [
        ["fixture.pack", "--mode", "fast"],
        2,
        /Cannot use --mode as it must be one of auto, native, isolated, wasm: fast/,
      ],
      [["native.pack"], 2, /as it contains only native code, which is not allowed/],
      [
        ["fixture.pack", "--mode", "isolated"],
        2,
        /as mode isolated needs native code, which is not allowed\nhint: allow native code with --native/,
      ],
      [["fixture.pack", "--key", "zzz"], 2, /neither an Ed25519 public key/],
      [["fixture.pack", "--app", "none"], 2, /Cannot find the app/],
      [["fixture.pack", "--app", "broken"], 1, /Cannot read .*deno\.json/],
    ];
    for (const [args, code, message] of cases) {
      const app = args.includes("--app") ? [] : ["--app", "app"];
      await fails(["pack", "add", ...args, ...app], folder.path, code, message);
    }
    assert.deepEqual([...Deno.readDirSync(folder.file("app"))].map(({ name }) => name), ["deno.json"]);
    assert.equal(await Deno.readTextFile(folder.file("app/deno.json")), "{}");
    assert.equal((await denizen(["pack", "list", "app"], { cwd: folder.path })).code, 0);
  },
);

Deno.test("the README of a new app shows how its tests use packs", needsC, async () => {
  await using folder = await folderWithBundle();
  await succeeds(["new", "shop"], folder.path);
  await succeeds(["pack", "add", "fixture.pack", "--app", "shop", "--native", "--trusted"], folder.path);
  const config = JSON.parse(await Deno.readTextFile(folder.file("shop/deno.json")));
  config.denizen.packs.fixture.processes = { doubler: "fixture.doubler" };
  await folder.write("shop/deno.json", JSON.stringify(config));
  const readme = await Deno.readTextFile(folder.file("shop/README.md"));
  const [imports, ...recipe] = /```ts ignore\n([^]*?)```/.exec(readme)![1]!.split("\n\n");
  await folder.write(
    "shop/pack_test.ts",
    `${imports}
    Deno.test("a template doubles", async () => {
      ${recipe.join("\n")}
      console.log(await node.send("doubler:shop:local", { Run: { input: 21 } }));
    });`,
  );
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "test", "pack_test.ts"],
    cwd: folder.file("shop"),
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, said);
  assert.match(said, /\{ status: "Success", value: \{ output: 42 \} \}/);
});
