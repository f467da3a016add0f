import assert from "node:assert/strict";
import { DenokvServer, MISSING_DENOKV } from "../tests/denokv_server.ts";
import { denizen, DENO_JSON, Folder, INCREMENT, post, processModule, Serving } from "./_command_line.ts";

const APP = { "deno.json": DENO_JSON, "counter.ts": processModule("Counter", INCREMENT) };

/** Throws if something listens on `port`. */
function portIsFree(port: number): void {
  Deno.listen({ hostname: "127.0.0.1", port }).close();
}

/** A handler that runs until the file `open` exists. */
const WAITER = processModule(
  "Waiter",
  `@http async wait(): Promise<string> {
    await Deno.writeTextFile(new URL("./state/entered", import.meta.url), "");
    const open = new URL("./state/open", import.meta.url);
    for (;;) {
      try {
        await Deno.stat(open);
        return "finished";
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }`,
);
const WAITER_APP = {
  "deno.json":
    '{ "denizen": { "package": "demo", "publisher": "me.os", "permissions": { "write": ["./state"] } } }',
  "waiter.ts": WAITER,
  "state/.keep": "",
};

/** Resolves when `file` exists. */
async function made(folder: Folder, file: string): Promise<void> {
  const path = folder.file(file);
  using watcher = Deno.watchFs(folder.file("state"));
  if (await Deno.stat(path).then(() => true, () => false)) return;
  for await (const { paths } of watcher) if (paths.includes(path)) return;
}

Deno.test("a node hosts, is called and listed, stops on SIGTERM with exit code 0, and continues after a restart", async () => {
  await using folder = await Folder.with(APP);
  const cwd = folder.path;
  {
    await using node = new Serving(["run", "counter.ts"], { cwd });
    const { url, processes } = await node.ready();
    assert.deepEqual(processes[0]!.urls, [`${url}/counter:demo:me.os/api`]);
    assert.equal(await post(processes[0]!.urls[0]!, { Increment: 5 }), 5);

    const called = await denizen(["call", "counter:demo:me.os", '{"Increment":2}'], { cwd });
    assert.deepEqual(called, { code: 0, out: "7\n", err: "" });
    const listed = await denizen(["ps"], { cwd });
    assert.match(listed.out, /^PROCESS +STATUS .*\ncounter:demo:me\.os +active .* 2 +0\n$/);

    node.signal("SIGTERM");
    await node.event("draining");
    await node.event("stopped");
    assert.equal(await node.ended, 0);
    assert.equal(node.errors, "");
  }
  await using node = new Serving(["run", "counter.ts"], { cwd });
  const { processes } = await node.ready();
  assert.equal(await post(processes[0]!.urls[0]!, { Increment: 1 }), 8);
});

Deno.test({
  name: "a node keeps its data on a KV server, and a second one needs --take-over",
  ignore: MISSING_DENOKV !== undefined,
  fn: async () => {
    await using server = await DenokvServer.start();
    await using folder = await Folder.with(APP);
    const run = ["run", "counter.ts", "--data", server.url];
    await using first = new Serving(run, { cwd: folder.path });
    const { processes } = await first.ready();
    assert.equal(await post(processes[0]!.urls[0]!, { Increment: 5 }), 5);

    const refused = await denizen([...run, "--port", "0"], { cwd: folder.path });
    assert.equal(refused.code, 1);
    assert.match(refused.err, /Cannot open http:.* as node "denizen" owns it[^]*--take-over/);

    await using second = new Serving([...run, "--take-over"], { cwd: folder.path });
    const { processes: [counter] } = await second.ready();
    assert.equal(await post(counter!.urls[0]!, { Increment: 1 }), 6);
    assert.deepEqual(
      [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(),
      [
        ...Object.keys(APP),
        "generated",
      ].sort(),
      "no folder is made of the URL",
    );
  },
});

Deno.test("a URL of data that is not valid, and a folder with --take-over, are wrong command lines", async () => {
  await using folder = await Folder.with(APP);
  const malformed = await denizen(["run", "counter.ts", "--data", "http://"], { cwd: folder.path });
  assert.equal(malformed.code, 2);
  const local = await denizen(["run", "counter.ts", "--take-over"], { cwd: folder.path });
  assert.equal(local.code, 2);
  assert.match(
    local.err,
    /Cannot take over data as --data is not the URL of a KV server: .*\.denizen\nhint: /,
  );
  assert.match(malformed.err, /Cannot store data as --data is not a valid URL: http:\/\//);
});

Deno.test("a stopping node lets the running handler finish", async () => {
  await using folder = await Folder.with(WAITER_APP);
  await using node = new Serving(["run", "."], { cwd: folder.path });
  const { processes, port } = await node.ready();
  const answer = post(processes[0]!.urls[0]!, "Wait");
  await made(folder, "state/entered");
  node.signal("SIGINT");
  await node.event("draining");
  await folder.write("state/open", "");
  assert.equal(await answer, "finished");
  assert.equal(await node.ended, 0);
  portIsFree(port);
});

Deno.test("a second request to stop ends the node at once, with the exit code of its signal", async () => {
  for (const [first, second, code] of [["SIGINT", "SIGTERM", 143], ["SIGTERM", "SIGINT", 130]] as const) {
    await using folder = await Folder.with(WAITER_APP);
    await using node = new Serving(["run", "."], { cwd: folder.path });
    const { processes, port } = await node.ready();
    const answer = post(processes[0]!.urls[0]!, "Wait").catch(() => "cut");
    await made(folder, "state/entered");
    node.signal(first);
    await node.event("draining");
    node.signal(second);
    assert.equal(await node.ended, code);
    assert.equal(await answer, "cut");
    portIsFree(port);
  }
});

Deno.test("one Ctrl+C that arrives twice, as it does through deno task, counts once", async () => {
  await using folder = await Folder.with(WAITER_APP);
  await using node = new Serving(["run", "."], { cwd: folder.path });
  const { processes } = await node.ready();
  const answer = post(processes[0]!.urls[0]!, "Wait");
  await made(folder, "state/entered");
  node.signal("SIGINT");
  node.signal("SIGINT");
  await node.event("draining");
  await folder.write("state/open", "");
  assert.equal(await answer, "finished");
  assert.equal(await node.ended, 0);
});

Deno.test("when the command is killed, its node drains and frees port and data", async () => {
  await using folder = await Folder.with(APP);
  const args = ["run", "counter.ts"];
  const node = new Serving(args, { cwd: folder.path });
  const { processes, port } = await node.ready();
  await post(processes[0]!.urls[0]!, { Increment: 5 });
  node.signal("SIGKILL");
  await node.ended; // The node's process shares its standard error, so it has ended, too.
  portIsFree(port);
  await using next = new Serving(args, { cwd: folder.path });
  const again = await next.ready();
  assert.equal(await post(again.processes[0]!.urls[0]!, { Increment: 1 }), 6);
});

Deno.test("when the node's process is killed, the command reports it and fails", async () => {
  await using folder = await Folder.with(APP);
  await using node = new Serving(["run", "counter.ts"], { cwd: folder.path });
  const { pid } = await node.ready();
  Deno.kill(pid, "SIGKILL");
  assert.equal(await node.ended, 1);
});

Deno.test("output of apps goes to standard output, or with --json to standard error", async () => {
  await using folder = await Folder.with({
    ...APP,
    "counter.ts": processModule("Counter", '@http say(): void { console.log("said by the app"); }'),
  });
  await using node = new Serving(["run", "counter.ts"], { cwd: folder.path });
  const { processes } = await node.ready();
  await post(processes[0]!.urls[0]!, "Say");
  await node.error(/said by the app/);
});

Deno.test("an unhandled rejection is logged, and the node goes on", async () => {
  await using folder = await Folder.with({
    ...APP,
    "counter.ts": processModule(
      "Counter",
      `${INCREMENT} @http stray(): void { Promise.reject(new Error("forgotten")); }`,
    ),
  });
  await using node = new Serving(["run", "counter.ts"], { cwd: folder.path });
  const { processes } = await node.ready();
  await post(processes[0]!.urls[0]!, "Stray");
  await node.error(/unhandled rejection\nError: forgotten/);
  assert.equal(await post(processes[0]!.urls[0]!, { Increment: 5 }), 5);
});

Deno.test("a node that does not respond is killed by the second signal", async () => {
  await using folder = await Folder.with({
    ...WAITER_APP,
    "waiter.ts": processModule(
      "Waiter",
      `@http loop(): void {
        Deno.writeTextFileSync(new URL("./state/entered", import.meta.url), "");
        for (;;) this.count = 1;
      }`,
    ),
  });
  await using node = new Serving(["run", "."], { cwd: folder.path });
  const { processes } = await node.ready();
  const answer = post(processes[0]!.urls[0]!, "Loop").catch(() => "cut");
  await made(folder, "state/entered");
  node.signal("SIGTERM");
  await node.event("draining");
  node.signal("SIGINT");
  assert.equal(await node.ended, 130);
  assert.equal(await answer, "cut");
});
