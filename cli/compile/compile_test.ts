/** Compiles an app and runs the executable in a folder without sources. */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import { buildPack } from "@denizen/pack-sdk/build";
import { bundlePack } from "@denizen/runtime/packs";
import assert from "node:assert/strict";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { denizen, Folder, post, Serving } from "../_command_line.ts";

const needsC = needsCompilers("c");

const PACKS = fileURLToPath(new URL("../../packs", import.meta.url));

/** Builds a pack. Returns the folder of its files. */
async function built(pack: string): Promise<string> {
  const target = path.join(PACKS, pack, "target/compile_tests");
  const { skipped } = await buildPack(path.join(PACKS, pack), { target });
  assert.deepEqual(skipped, []);
  return target;
}

const APP = `
import { Http, http, process, type u32 } from "@denizen/macro";
import type { Context } from "@denizen/runtime";

@process({ name: "Keeper", endpoints: [Http("/api")], ui: "./page" })
export class Keeper {
  total: u32 = 0;
  @http add(by: u32): u32 { return this.total += by; }
  @http async run(template: string, input: number, ctx: Context): Promise<number> {
    const actor = await ctx.packs.actor(template);
    return (await actor.run({ input })).output as number;
  }
  @http async words(text: string, ctx: Context): Promise<string[]> {
    const actor = await ctx.packs.actor("text.tokenize");
    return (await actor.run({ input: text })).tokens as string[];
  }
  @http async nearest(ctx: Context): Promise<number[]> {
    const actor = await ctx.packs.actor("vector.nearest", { config: { dimensions: 2 } });
    const input = { vectors: new Float32Array([1, 0, 0, 1]), query: new Float32Array([0, 1]), k: 1 };
    return [...(await actor.run(input)).indexes as Uint32Array];
  }
  @http peek(file: string): string { return Deno.readTextFileSync(file); }
  @http greeting(): string { return Deno.readTextFileSync(new URL("./texts/greeting.txt", import.meta.url)); }
}`;

interface Program extends AsyncDisposable {
  /** In a folder of its own. */
  readonly executable: string;
  readonly folder: Folder;
  readonly env: Record<string, string>;
  start(...args: string[]): Serving;
}

/** One executable, of about 40 MB, for all tests of this file. */
let compiled: Promise<Uint8Array> | undefined;

function compileOnce(): Promise<Uint8Array> {
  return compiled ??= (async () => {
    const fixture = await built("fixture"), text = await built("text");
    const packs = {
      fixture: { path: fixture, native: true, trusted: true, processes: { doubler: "fixture.doubler" } },
      text: { path: text, trusted: true },
    };
    await using app = await Folder.with({
      "deno.json": JSON.stringify({ denizen: { package: "demo", publisher: "me.os", packs } }),
      "keeper.ts": APP,
      "page/index.html": "<h1>Keeper</h1>",
      "texts/greeting.txt": "Good day",
    });
    const args = [
      "compile",
      ".",
      "-o",
      "out/keeper",
      "--self-contained",
      "--include",
      "texts",
      "--name",
      "kept",
    ];
    await Deno.mkdir(app.file("out"));
    const { code, out, err } = await denizen(args, { cwd: app.path });
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^Compiled out\/keeper: \d+ MB in [\d.]+ s\.\n$/);
    return await Deno.readFile(app.file("out/keeper"));
  })();
}

async function program(change?: (bytes: Uint8Array) => void): Promise<Program> {
  const folder = await Folder.with({});
  await Deno.mkdir(folder.file("home"));
  await Deno.mkdir(folder.file("empty"));
  const bytes = new Uint8Array(await compileOnce());
  change?.(bytes);
  const executable = folder.file("empty/keeper");
  await Deno.writeFile(executable, bytes, { mode: 0o755 });
  const env = { HOME: folder.file("home"), PATH: "/usr/bin:/bin" };
  return {
    executable,
    folder,
    env,
    start: (...args) => new Serving(args, { program: executable, env, cwd: path.dirname(executable) }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test(
  "a compiled program runs without sources: state, page, native and wasm packs, also after SIGKILL",
  needsC,
  async () => {
    await using one = await program();
    {
      await using serving = one.start();
      const { url } = await serving.ready();
      const api = `${url}/keeper:demo:me.os/api`;
      assert.equal(await post(api, { Add: 5 }), 5);
      assert.equal(await post(api, { Run: ["fixture.doubler", 21] }), 42);
      assert.deepEqual(await post(`${url}/doubler:demo:me.os/api`, { Run: { input: 4 } }), { output: 8 });
      assert.deepEqual(await post(api, { Words: "one two" }), ["one", "two"]);
      assert.equal(await post(api, { Greeting: null }), "Good day");
      assert.match(await (await fetch(`${url}/keeper:demo:me.os/`)).text(), /<h1>Keeper/);
      await serving.error(/pack loaded.*fixture.*native/);
      await serving.error(/pack loaded.*text.*wasm/);
      serving.signal("SIGKILL");
      assert.equal(await serving.ended, 137);
    }
    await using serving = one.start();
    const { url } = await serving.ready();
    assert.equal(await post(`${url}/keeper:demo:me.os/api`, { Add: 1 }), 6);
    serving.signal("SIGTERM");
    await serving.event("stopped");
    assert.equal(await serving.ended, 0);
    assert.deepEqual([...Deno.readDirSync(path.dirname(one.executable))].map(({ name }) => name).sort(), [
      ".denizen",
      "keeper",
    ]);
  },
);

Deno.test("a compiled program has the permissions of its node and no others", needsC, async () => {
  await using one = await program();
  await one.folder.write("secret.txt", "secret");
  await using serving = one.start("--data", one.folder.file("elsewhere"));
  const { url } = await serving.ready();
  const denied = await post(`${url}/keeper:demo:me.os/api`, { Peek: one.folder.file("secret.txt") });
  assert.equal((denied as { error: { code: string } }).error.code, "failed");
  await serving.error(/NotCapable|Requires read access/);
  assert.ok((await Deno.stat(one.folder.file("elsewhere"))).isDirectory, "data is kept where --data says");
});

Deno.test("packs next to a compiled program are loaded when it starts", needsC, async () => {
  await using one = await program();
  const adjacent = path.join(path.dirname(one.executable), "packs");
  await Deno.mkdir(adjacent);
  const { bytes } = await bundlePack(await built("vector"));
  await Deno.writeFile(path.join(adjacent, "vector-1.0.0.pack"), bytes);
  await using serving = one.start();
  const { url } = await serving.ready();
  assert.deepEqual(await post(`${url}/keeper:demo:me.os/api`, { Nearest: null }), [1]);
  await serving.error(/pack loaded.*vector.*worker/);
});

Deno.test("changed files in the cache are unpacked again", needsC, async () => {
  await using one = await program();
  const help = () => denizen(["--help"], { program: one.executable, env: one.env });
  assert.equal((await help()).code, 0);
  const cache = one.folder.file("home/.cache/denizen");
  const names = [...Deno.readDirSync(cache)].map(({ name }) => name);
  const app = path.join(cache, names.find((name) => name.startsWith("app-"))!);
  const deno = path.join(cache, names.find((name) => /^deno-/.test(name))!);
  assert.ok(names.every((name) => !name.startsWith("draft")));
  await Deno.writeTextFile(path.join(app, "main.js"), "console.log('poison')");
  await Deno.chmod(deno, 0o700);
  await Deno.truncate(deno, 1000);
  const { code, out } = await help();
  assert.equal(code, 0);
  assert.match(out, /^Hosts keeper on one node/);
  assert.doesNotMatch(await Deno.readTextFile(path.join(app, "main.js")), /poison/);
});

Deno.test("a damaged executable does not start and reports it", needsC, async () => {
  for (const at of [0.001, 0.5]) {
    await using one = await program((bytes) => {
      const start = Math.floor(bytes.length * at);
      for (let i = start; i < start + 64; i++) bytes[i]! ^= 0xff;
    });
    const { code, err } = await denizen(["--help"], { program: one.executable, env: one.env });
    assert.equal(code, 1, err);
    assert.match(err, /error: Cannot start keeper as it (is damaged|cannot be unpacked)/);
    const left = [...Deno.readDirSync(one.folder.file("home/.cache/denizen"))].map(({ name }) => name);
    assert.ok(!left.some((name) => name.startsWith("draft")), left.join());
  }
});

Deno.test("concurrent first starts do not disturb each other", needsC, async () => {
  await using one = await program();
  const starts = [0, 1, 2].map((at) => one.start("--data", one.folder.file(`data${at}`)));
  for (const serving of starts) await serving.ready();
  for (const serving of starts) await serving[Symbol.asyncDispose]();
});

Deno.test("a wrong command line of a compiled program is reported", needsC, async () => {
  await using one = await program();
  const run = (...args: string[]) => denizen(args, { program: one.executable, env: one.env });
  const mistyped = await run("--prot", "9000");
  assert.equal(mistyped.code, 2);
  assert.match(mistyped.err, /Cannot run keeper as there is no such option: --prot\n.*--port/);
  assert.match((await run("--port", "many")).err, /--port must be a whole number/);
});

Deno.test("apps that cannot be compiled are reported before anything is written", async () => {
  await using folder = await Folder.with({
    "deno.json": '{ "denizen": { "package": "demo", "publisher": "me.os" } }',
    "keeper.ts": APP.replace('ui: "./page"', 'ui: "./none"'),
    "broken.ts": APP.replace("ctx.packs", "ctx.").replace(/Keeper/g, "Broken"),
    "loose.ts": "export const nothing = 1;",
  });
  await Deno.mkdir(folder.file("taken"));
  const compile = async (...args: string[]) => {
    const { code, err } = await denizen(["compile", ...args], { cwd: folder.path });
    assert.ok(code === 1 || code === 2);
    return err;
  };
  assert.match(await compile("keeper.ts", "-o", "taken"), /a folder has that name/);
  assert.match(await compile("keeper.ts", "-o", "no/where"), /there is no such folder/);
  assert.match(await compile("loose.ts", "-o", "x"), /exports no class with @process/);
  assert.match(
    await compile("keeper.ts", "-o", "x", "--self-contained"),
    /a file cannot be copied.*none/,
  );
  assert.match(await compile("broken.ts", "-o", "x", "--self-contained"), /Cannot (bundle|load|generate)/);
  assert.match(await compile("keeper.ts", "-o", "x", "--include", "../up"), /no app has such a file/);
  const both = ["--self-contained", "--target", "aarch64-apple-darwin"];
  assert.match(await compile("keeper.ts", "-o", "x", ...both), /contains the Deno of this machine/);
  assert.ok(
    ![...Deno.readDirSync(folder.path)].some(({ name }) => name === "x" || name.startsWith(".compile")),
  );
});

Deno.test("deno compile uses DENORT_BIN, and a wrong one is reported", async () => {
  await using folder = await Folder.with({
    "deno.json": '{ "denizen": { "package": "demo", "publisher": "me.os" } }',
    "counter.ts": `
      import { Http, http, process, type u32 } from "@denizen/macro";
      @process({ name: "Counter", endpoints: [Http("/api")] })
      export class Counter { count: u32 = 0; @http add(by: u32): u32 { return this.count += by; } }`,
  });
  const args = ["compile", "counter.ts", "-o", "counter"];
  const wrong = await denizen(args, { cwd: folder.path, env: { DENORT_BIN: "/none/denort" } });
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.err,
    /Cannot compile the app as the file that DENORT_BIN names does not exist: \/none\/denort/,
  );
  // Any executable can contain the program; only a denort could run it.
  const { code, err } = await denizen(args, { cwd: folder.path, env: { DENORT_BIN: Deno.execPath() } });
  assert.deepEqual([code, err], [0, ""]);
  const { size } = await Deno.stat(Deno.execPath());
  assert.ok((await Deno.stat(folder.file("counter"))).size > size);
});
