/** Nodes with broken data folders, disks, ports and apps: each reports what is wrong. */
import { generate } from "@denizen/macro/generate";
import { DenizenError, type ErrorCode, type Node, startNode } from "@denizen/runtime";
import assert from "node:assert/strict";
import * as path from "node:path";
import { type HostOptions, HostProcess, startError } from "./host_process.ts";

const ROOT = path.join(import.meta.dirname!, "..");
const TALLY = path.join(import.meta.dirname!, "apps", "tally.ts");
const NOTEBOOK = "notebook:tests:denizen.os";
const FIRST = "tally.first:tests:denizen.os";

interface Folder extends AsyncDisposable {
  readonly path: string;
}

async function temporary(options: Deno.MakeTempOptions = {}): Promise<Folder> {
  const folder = await Deno.makeTempDir({ prefix: "surroundings_", ...options });
  return { path: folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** The error that a start fails with. */
async function refusal(start: Promise<Node>, code: ErrorCode): Promise<string> {
  const error = await start.then(
    (node) => node.drain().then(() => assert.fail("the node started")),
    (thrown) => thrown,
  );
  assert.ok(error instanceof DenizenError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, /^Cannot /);
  return error.message;
}

// Data folders.

/** A data folder of a node that counted to three and was killed. */
async function countedTo3(data: string): Promise<void> {
  await using host = await HostProcess.start({ apps: ["tally"], data });
  for (const number of [1, 2, 3]) await host.call(FIRST, { Increment: number });
}

Deno.test("a second node on one folder names the process that holds it, and the first one carries on", async () => {
  await using data = await temporary();
  await using first = await HostProcess.start({ apps: ["tally"], data: data.path });
  const { code, message } = await startError({ apps: ["tally"], data: data.path });
  assert.equal(code, "data_locked");
  assert.equal(
    message,
    `Cannot open ${data.path} as a node runs on it: process ${first.pid} at ${first.url}`,
  );
  assert.match(
    await refusal(startNode({ apps: [TALLY], data: data.path, port: 0 }), "data_locked"),
    /a node runs on it/,
  );
  assert.equal(await first.call(FIRST, { Increment: 1 }), 1);
  await first.drain();
  await using second = await HostProcess.start({ apps: ["tally"], data: data.path });
  assert.equal(await second.call(FIRST, { Increment: 2 }), 2);
});

Deno.test("a read-only data folder is reported as such, and works once it is writable", async () => {
  await using data = await temporary();
  await countedTo3(data.path);
  const modes = async (folder: number, files: number) => {
    for await (const { name } of Deno.readDir(data.path)) await Deno.chmod(path.join(data.path, name), files);
    await Deno.chmod(data.path, folder);
  };
  // Root may write everywhere, unless that capability is dropped.
  const rights = "-dac_override,-dac_read_search";
  const through = Deno.uid() === 0
    ? ["setpriv", `--bounding-set=${rights}`, `--inh-caps=${rights}`, "--"]
    : [];
  const options: HostOptions = { apps: ["tally"], data: data.path, through };
  await modes(0o500, 0o400);
  const { code, message } = await startError(options);
  assert.equal(code, "data_read_only");
  assert.match(message, /^Cannot open .* as (it may not be written|access to it is denied)/);
  await modes(0o700, 0o600);
  await using host = await HostProcess.start(options);
  assert.deepEqual(await host.call(FIRST, { Read: null }), { count: 3, numbers: [1, 2, 3] });
});

Deno.test("a truncated, empty, missing or foreign data file is reported as damage, and left as it is", async () => {
  const damages: Record<string, (file: string) => Promise<void>> = {
    half: async (file) => await Deno.truncate(file, Math.floor((await Deno.stat(file)).size / 2)),
    empty: (file) => Deno.truncate(file, 0),
    missing: (file) => Deno.remove(file),
    garbage: (file) => Deno.writeTextFile(file, "not a database\n".repeat(5_000)),
  };
  for (const [name, damage] of Object.entries(damages)) {
    await using data = await temporary();
    {
      await using host = await HostProcess.start({ apps: ["tally"], data: data.path });
      await host.call(FIRST, { Increment: 1 });
      await host.drain();
    }
    const file = path.join(data.path, "state.kv");
    await damage(file);
    const left = await Deno.readFile(file).catch(() => undefined);
    for (let attempt = 0; attempt < 2; attempt++) {
      const message = await refusal(startNode({ apps: [TALLY], data: data.path, port: 0 }), "data_corrupt");
      assert.ok(message.includes(data.path), name);
    }
    assert.deepEqual(await Deno.readFile(file).catch(() => undefined), left, name);
  }
});

Deno.test("a data folder that is a file, or inside one, is reported as such", async () => {
  await using data = await temporary();
  const file = path.join(data.path, "file");
  await Deno.writeTextFile(file, "mine");
  for (const folder of [file, path.join(file, "inside")]) {
    await refusal(startNode({ apps: [TALLY], data: folder, port: 0 }), "bad_option");
  }
  assert.equal(await Deno.readTextFile(file), "mine");
});

Deno.test("a full disk is a 503, loses nothing that was acknowledged, and is over once there is room", async () => {
  await using data = await temporary();
  // A limit on the size of files, in blocks: to SQLite it looks like a full disk.
  const through = ["sh", "-c", 'trap "" XFSZ; ulimit -S -f 6000; exec "$@"', "sh"];
  const options: HostOptions = { apps: ["notebook"], data: data.path };
  let acknowledged = 0;
  {
    await using host = await HostProcess.start({ ...options, through });
    const entry = { title: "x".repeat(20_000), dueDate: "2030-01-01T00:00:00.000Z" };
    const update = async () => {
      const reply = await host.post(NOTEBOOK, { Update: [entry, false] });
      const text = await reply.text();
      if (reply.ok) assert.equal(Number(text), ++acknowledged);
      return { reply, text };
    };
    let last = await update();
    while (last.reply.ok) last = await update();
    assert.ok(acknowledged > 0);
    for (let attempt = 0; attempt < 3; attempt++) {
      const { reply, text } = await update();
      assert.equal(reply.status, 503, text);
      assert.equal(reply.headers.get("retry-after"), "1");
      assert.equal(JSON.parse(text).error.code, "disk_full");
      assert.ok(!text.includes(data.path), "no path of the machine leaks");
      const entries = await host.call(NOTEBOOK, { List: null }) as unknown[];
      assert.equal(
        entries.length,
        acknowledged,
        "unacknowledged changes are undone, and the rest can be read",
      );
    }
    const health = await host.fetch("/healthz");
    await health.body!.cancel();
    assert.equal(health.status, 200);

    const lifted = await new Deno.Command("prlimit", {
      args: ["--pid", String(host.pid), "--fsize=unlimited"],
    }).output();
    assert.ok(lifted.success);
    last = await update();
    assert.ok(last.reply.ok, last.text);
    const log = await host.kill();
    assert.match(log, /disk_full|disk is full/);
  }
  await using host = await HostProcess.start(options);
  assert.equal((await host.call(NOTEBOOK, { List: null }) as unknown[]).length, acknowledged);
});

// Ports and options.

Deno.test("a port in use is reported as such, and the start leaves nothing behind", async () => {
  await using data = await temporary();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const message = await refusal(startNode({ apps: [TALLY], data: data.path, port }), "port_in_use");
  assert.equal(
    message,
    `Cannot listen on 127.0.0.1:${port} as another program does: choose another port, 0 for any free one`,
  );
  await assert.rejects(Deno.stat(path.join(data.path, "node.json")), Deno.errors.NotFound);
  await using node = await startNode({ apps: [TALLY], data: data.path, port: 0 });
  assert.equal((await node.send(FIRST, { Increment: 1 })).status, "Success");
});

Deno.test("an impossible port or host is reported as such", async () => {
  for (const port of [-1, 65_536, 1.5, NaN]) {
    await refusal(startNode({ apps: [TALLY], port }), "bad_option");
  }
  for (const hostname of ["256.0.0.1", "no.such.host.invalid", "", "127.0.0.1:80"]) {
    await refusal(startNode({ apps: [TALLY], hostname, port: 0 }), "bad_option");
  }
});

// Apps.

const COUNTER = `import { Http, http, process, type u32 } from "@denizen/macro";

@process({ name: "Counter", endpoints: [Http("/api")] })
export class Counter {
  count: u32 = 0;

  @http
  increment(by: u32): u32 {
    return this.count += by;
  }
}
`;

/** A folder with an app. It lies in the repository, because `@denizen/macro` resolves only there. */
async function appFolder(files: Record<string, string>): Promise<Folder> {
  const home = path.join(ROOT, ".denizen");
  await Deno.mkdir(home, { recursive: true });
  const folder = await temporary({ dir: home });
  const identity = { denizen: { package: "surroundings", publisher: "denizen.os" } };
  await Deno.writeTextFile(path.join(folder.path, "deno.json"), JSON.stringify(identity));
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(path.join(folder.path, name), text);
  }
  return folder;
}

Deno.test("two processes with the same id keep the node from starting", async () => {
  await using one = await appFolder({ "counter.ts": COUNTER });
  await using other = await appFolder({ "counter.ts": COUNTER.replace('Counter"', 'Other counter"') });
  const apps = [one.path, other.path];
  await generate({ apps });
  const message = await refusal(startNode({ apps, port: 0 }), "duplicate_process");
  assert.match(message, /counter:surroundings:denizen\.os is "Counter" and "Other counter"/);
  await refusal(startNode({ apps: [one.path, one.path], port: 0 }), "duplicate_process");
  await using node = await startNode({ apps: [one.path], port: 0 });
  assert.equal(node.definitions.length, 1);
});

Deno.test("generated code that is missing, stale or edited by hand is reported as such", async () => {
  const staling: Record<string, (folder: string) => Promise<void>> = {
    "never generated": (folder) => Deno.remove(path.join(folder, "generated"), { recursive: true }),
    "another type": (folder) =>
      Deno.writeTextFile(path.join(folder, "counter.ts"), COUNTER.replaceAll("u32", "u8")),
    "another field": (folder) =>
      Deno.writeTextFile(
        path.join(folder, "counter.ts"),
        COUNTER.replace("count: u32 = 0;", "count: u32 = 0;\n  more: u32 = 0;"),
      ),
    "another class": (folder) =>
      Deno.writeTextFile(path.join(folder, "second.ts"), COUNTER.replace("class Counter", "class Second")),
    "a changed module": (folder) =>
      Deno.writeTextFile(path.join(folder, "generated", "counter.ts"), "export const contract = {};\n"),
    "a removed module": (folder) => Deno.remove(path.join(folder, "generated", "counter.ts")),
  };
  for (const [name, change] of Object.entries(staling)) {
    await using app = await appFolder({ "counter.ts": COUNTER });
    await generate({ apps: [app.path] });
    await change(app.path);
    const message = await refusal(startNode({ apps: [app.path], port: 0 }), "stale_contract");
    assert.match(message, /stale, run "denizen gen"/, name);
    if (name === "a changed module") continue;
    await generate({ apps: [app.path] });
    await using node = await startNode({ apps: [app.path], port: 0 });
    assert.ok(node.definitions.length > 0, name);
  }
});

Deno.test("an app that is missing or has no process is reported as such", async () => {
  await using app = await appFolder({ "plain.ts": "export const plain = 1;\n" });
  const missing = path.join(app.path, "nowhere");
  assert.match(await refusal(startNode({ apps: [missing], port: 0 }), "app_unreadable"), /nowhere/);
  assert.match(
    await refusal(startNode({ apps: [new URL("nowhere.ts", import.meta.url)], port: 0 }), "app_unreadable"),
    /nowhere\.ts/,
  );
  for (const empty of [app.path, path.join(app.path, "plain.ts")]) {
    await generate({ apps: [empty] });
    await refusal(startNode({ apps: [empty], port: 0 }), "app_unreadable");
  }
});

Deno.test("an app that throws when it is imported is reported with the error", async () => {
  await using app = await appFolder({
    "counter.ts": `${COUNTER}\nthrow new Error("there is no luck today");\n`,
  });
  await generate({ apps: [app.path] });
  const message = await refusal(startNode({ apps: [app.path], port: 0 }), "app_unreadable");
  assert.equal(message, "Cannot load the app as counter.ts does not load: there is no luck today");
});

Deno.test("an app whose decorators contradict each other is reported with the class and the fix", async () => {
  await using app = await appFolder({
    "counter.ts": COUNTER.replace('endpoints: [Http("/api")]', 'endpoints: [Http("/api"), Http("/api")]'),
  });
  await assert.rejects(
    generate({ apps: [app.path] }),
    /Cannot generate Counter as two endpoints have one path, "\/api" at counter\.ts:\d+:\d+; keep one of them/,
  );
});

Deno.test("a ui that is not a folder is reported as such", async () => {
  await using app = await appFolder({
    "counter.ts": COUNTER.replace('name: "Counter"', 'name: "Counter", ui: "pages"'),
  });
  await generate({ apps: [app.path] });
  const message = await refusal(startNode({ apps: [app.path], port: 0 }), "declaration");
  assert.match(message, /^Cannot serve the ui of Counter as it is no folder: .*pages$/);
});

Deno.test("one bad app keeps the whole node from starting, and leaves the others and the data free", async () => {
  await using data = await temporary();
  await using app = await appFolder({ "counter.ts": `${COUNTER}\nthrow new Error("no luck");\n` });
  await generate({ apps: [app.path] });
  await refusal(startNode({ apps: [TALLY, app.path], data: data.path, port: 0 }), "app_unreadable");
  await using node = await startNode({ apps: [TALLY], data: data.path, port: 0 });
  assert.equal((await node.send(FIRST, { Increment: 1 })).status, "Success");
});
