import assert from "node:assert/strict";
import { denizen, DENO_JSON, Folder, INCREMENT, post, processModule, Serving } from "./_command_line.ts";

interface Reloaded {
  readonly changed: readonly string[];
  readonly ms: number;
  readonly url: string;
  readonly pid: number;
}

const counter = (factor: number) =>
  processModule("Counter", `@http increment(by: u32): u32 { return this.count += by * ${factor}; }`);
const volatile = processModule("Volatile", INCREMENT, ", save: Save.never");
const APP = { "deno.json": DENO_JSON, "counter.ts": counter(1), "volatile.ts": volatile };

Deno.test("an edit reloads the app on the same port and keeps every state, also with Save.never", async () => {
  await using folder = await Folder.with(APP);
  await using node = new Serving(["dev", "."], { cwd: folder.path });
  const { url, pid, processes } = await node.ready();
  const [durableUrl, volatileUrl] = processes.map(({ urls }) => urls[0]!) as [string, string];
  assert.equal(await post(durableUrl, { Increment: 5 }), 5);
  assert.equal(await post(volatileUrl, { Increment: 3 }), 3);

  await folder.write("counter.ts", counter(10));
  const reloaded = await node.event<Reloaded>("reloaded");
  assert.deepEqual(reloaded.changed, ["counter.ts"]);
  assert.equal(reloaded.url, url);
  assert.notEqual(reloaded.pid, pid);
  assert.equal(await post(durableUrl, { Increment: 1 }), 15);
  assert.equal(await post(volatileUrl, { Increment: 1 }), 4);

  node.signal("SIGTERM");
  await node.event("stopped");
  assert.equal(await node.ended, 0);
});

Deno.test("the state of a Save.never process survives a reload, but not a stop", async () => {
  await using folder = await Folder.with(APP);
  for (let start = 0; start < 2; start++) {
    await using node = new Serving(["dev", "volatile.ts"], { cwd: folder.path });
    const { processes } = await node.ready();
    assert.equal(await post(processes[0]!.urls[0]!, { Increment: 3 }), 3);
  }
});

Deno.test("code that does not load is reported, and the node keeps running the old code", async () => {
  const broken: [source: string, error: RegExp][] = [
    ["export const x: = 5;", /Type expected at counter\.ts:9:17/],
    ['throw new Error("out of beans");', /does not load: out of beans/],
    ['import "./nowhere.ts";', /nowhere/],
    [
      processModule("Bad", "@http take(what: WeakMap<object, u32>): void {}").replace(/^import.*\n/, ""),
      /Bad\.take/,
    ],
  ];
  await using folder = await Folder.with(APP);
  await using node = new Serving(["dev", "."], { cwd: folder.path });
  const { processes } = await node.ready();
  const url = processes[0]!.urls[0]!;
  let count = 0;
  for (const [source, message] of broken) {
    await folder.write("counter.ts", `${counter(1)}\n${source}`);
    const { error } = await node.event<{ error: { message: string } }>("reload_failed");
    assert.match(error.message, message);
    assert.equal(await post(url, { Increment: 1 }), ++count);
  }
  await folder.write("counter.ts", counter(10));
  await node.event("reloaded");
  assert.equal(await post(url, { Increment: 1 }), count + 10);
});

Deno.test("dev waits for an edit when the app is broken at the first start", async () => {
  await using folder = await Folder.with({ ...APP, "counter.ts": `${counter(1)}\nimport "./nowhere.ts";` });
  await using node = new Serving(["dev", "counter.ts"], { cwd: folder.path });
  await node.event("reload_failed");
  await folder.write("counter.ts", counter(1));
  const { processes } = await node.ready();
  assert.equal(await post(processes[0]!.urls[0]!, { Increment: 5 }), 5);
});

Deno.test("a reload picks up new modules and new permissions", async () => {
  await using folder = await Folder.with(APP);
  await using node = new Serving(["dev", "."], { cwd: folder.path });
  await node.ready();
  await folder.write(
    "reader.ts",
    processModule("Reader", '@http read(): string { return Deno.readTextFileSync("/etc/hostname"); }'),
  );
  const { url } = await node.event<Reloaded>("reloaded");
  const reader = `${url}/reader:demo:me.os/api`;
  assert.match(JSON.stringify(await post(reader, "Read")), /"code":"failed"/);
  await node.error(/hint=.*declare it in its deno\.json: .*"read": \[/);

  await folder.write(
    "deno.json",
    '{ "denizen": { "package": "demo", "publisher": "me.os", "permissions": { "read": ["/etc/hostname"] } } }',
  );
  await node.event("reloaded");
  assert.equal(typeof await post(reader, "Read"), "string");
});

Deno.test("generated, stored and test files do not cause a reload", async () => {
  await using folder = await Folder.with(APP);
  await using node = new Serving(["dev", ".", "--data", "state"], { cwd: folder.path });
  const { processes } = await node.ready();
  await folder.write("generated/more.ts", "export {};");
  await folder.write("state/more.json", "{}");
  await folder.write("counter_test.ts", "export {};");
  await folder.write("notes.md", "nothing");
  await post(processes[0]!.urls[0]!, { Increment: 5 });
  await folder.write("counter.ts", counter(10));
  const { changed } = await node.event<Reloaded>("reloaded");
  assert.deepEqual(changed, ["counter.ts"]);
});

Deno.test("a port in use ends dev, because no edit can fix it", async () => {
  await using folder = await Folder.with(APP);
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String((other.addr as Deno.NetAddr).port);
  const { code, err } = await denizen(["dev", ".", "--port", port], { cwd: folder.path });
  assert.equal(code, 1);
  assert.match(err, /as another program does/);
});

Deno.test("when the node dies, dev reports it and starts another one at the next edit", async () => {
  await using folder = await Folder.with(APP);
  await using node = new Serving(["dev", "counter.ts"], { cwd: folder.path });
  const { pid, processes } = await node.ready();
  const url = processes[0]!.urls[0]!;
  assert.equal(await post(url, { Increment: 5 }), 5);
  Deno.kill(pid, "SIGKILL");
  await node.event("failed");
  await folder.write("counter.ts", counter(10));
  await node.event("reloaded");
  assert.equal(await post(url, { Increment: 1 }), 15);
});
