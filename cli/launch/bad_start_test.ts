import assert from "node:assert/strict";
import { denizen, DENO_JSON, Folder, INCREMENT, post, processModule, Serving } from "../_command_line.ts";

const COUNTER = processModule("Counter", INCREMENT);
const APP = { "deno.json": DENO_JSON, "counter.ts": COUNTER };

/** Runs a start that fails, and returns its message. */
async function failedStart(folder: Folder, ...args: string[]): Promise<string> {
  const { code, out, err } = await denizen(["run", ...args], { cwd: folder.path });
  assert.equal(code, 1, err);
  assert.equal(out, "");
  assert.match(err, /^error: Cannot /);
  assert.doesNotMatch(err, /denizen-test-.*cli\/|\bat .*runtime\//, "no stack of Denizen's own");
  return err;
}

Deno.test("a port in use is reported with a hint", async () => {
  await using folder = await Folder.with(APP);
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String((other.addr as Deno.NetAddr).port);
  const err = await failedStart(folder, "counter.ts", "--port", port);
  assert.match(err, new RegExp(`Cannot listen on 127.0.0.1:${port} as another program does`));
  assert.match(err, /: choose another port, 0 for any free one\nhint: choose another port with --port/);
});

Deno.test("a data folder that another node uses is refused, and that node goes on", async () => {
  await using folder = await Folder.with(APP);
  await using node = new Serving(["run", "counter.ts"], { cwd: folder.path });
  const { processes, pid, url } = await node.ready();
  const err = await failedStart(folder, "counter.ts", "--port", "0");
  assert.match(err, new RegExp(`as a node runs on it: process ${pid} at ${url}`));
  assert.match(err, /hint: stop that node, or choose another folder with --data/);
  assert.equal(await post(processes[0]!.urls[0]!, { Increment: 5 }), 5);
});

Deno.test("a data folder that is a file is refused", async () => {
  await using folder = await Folder.with({ ...APP, taken: "not a folder" });
  await failedStart(folder, "counter.ts", "--port", "0", "--data", "taken");
  assert.equal(await Deno.readTextFile(folder.file("taken")), "not a folder");
});

Deno.test("a damaged data file is refused and left unchanged", async () => {
  await using folder = await Folder.with({ ...APP, ".denizen/state.kv": "this is no database".repeat(500) });
  const err = await failedStart(folder, "counter.ts", "--port", "0");
  assert.match(err, /as it is damaged/);
  assert.match(await Deno.readTextFile(folder.file(".denizen/state.kv")), /^this is no database/);
});

Deno.test("a truncated data file is refused and left unchanged", async () => {
  await using folder = await Folder.with(APP);
  {
    await using node = new Serving(["run", "counter.ts"], { cwd: folder.path });
    const { processes } = await node.ready();
    await post(processes[0]!.urls[0]!, { Increment: 5 });
  }
  const file = folder.file(".denizen/state.kv");
  await Deno.truncate(file, (await Deno.stat(file)).size - 5_000);
  const before = await Deno.readFile(file);
  const err = await failedStart(folder, "counter.ts", "--port", "0");
  assert.match(err, /as it is damaged/);
  assert.match(err, /hint: restore the folder from a backup/);
  assert.deepEqual(await Deno.readFile(file), before);
});

Deno.test("two processes with one id are refused", async () => {
  await using folder = await Folder.with({
    "deno.json": DENO_JSON,
    "a/counter.ts": COUNTER,
    "b/counter.ts": COUNTER,
  });
  const err = await failedStart(folder, "a", "b", "--port", "0");
  assert.match(err, /counter:demo:me\.os.*; rename a class, or give one app another package/);
  assert.doesNotMatch(err, /hint:/, "the message says it already");
});

Deno.test("stale code is generated again, and refused with --frozen", async () => {
  await using folder = await Folder.with(APP);
  const err = await failedStart(folder, "counter.ts", "--port", "0", "--frozen");
  assert.match(err, /generated code is stale: it was not generated yet/);
  assert.equal((await denizen(["gen", "counter.ts"], { cwd: folder.path })).code, 0);
  await using node = new Serving(["run", "counter.ts", "--frozen"], { cwd: folder.path });
  await node.ready();
});

Deno.test("all types that cannot be encoded are reported with their locations", async () => {
  await using folder = await Folder.with({
    "deno.json": DENO_JSON,
    "shop.ts": processModule(
      "Shop",
      "@http buy(what: Symbol): void {}\n  @http sell(what: WeakMap<object, u32>): void {}",
    ),
  });
  const err = await failedStart(folder, "shop.ts", "--port", "0");
  assert.match(err, /error: Cannot generate Shop\.buy .* shop\.ts:6:/);
  assert.match(err, /error: Cannot generate Shop\.sell .* shop\.ts:7:/);
});

Deno.test("a wrong declaration is reported", async () => {
  await using folder = await Folder.with({
    "deno.json": DENO_JSON,
    "counter.ts": processModule("Counter", INCREMENT, ", keyd: true"),
  });
  const err = await failedStart(folder, "counter.ts", "--port", "0");
  assert.match(err, /Cannot generate Counter as @process has no option "keyd" at counter\.ts:3:56/);
});

Deno.test("an app that throws while it loads is reported with the location in the app", async () => {
  await using folder = await Folder.with({
    ...APP,
    "counter.ts": `${COUNTER}\nthrow new Error("out of beans");`,
  });
  const err = await failedStart(folder, "counter.ts", "--port", "0");
  assert.match(
    err,
    /Cannot load the app as counter\.ts does not load: out of beans\n +at file:.*counter\.ts:9:7/,
  );
});

Deno.test("an app without processes is refused", async () => {
  await using folder = await Folder.with({ "deno.json": DENO_JSON, "empty.ts": "export const nothing = 1;" });
  const err = await failedStart(folder, "empty.ts", "--port", "0");
  assert.match(err, /Cannot use the app as it exports no class with @process: .*empty\.ts/);
});

Deno.test("a deno.json that is not JSON is reported with its path", async () => {
  await using folder = await Folder.with({ ...APP, "deno.json": '{ "denizen": ' });
  const err = await failedStart(folder, "counter.ts", "--port", "0");
  assert.match(err, /Cannot read .*deno\.json as /);
});
