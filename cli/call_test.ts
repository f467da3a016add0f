import assert from "node:assert/strict";
import { denizen, Folder, INCREMENT, processModule, Serving } from "./_command_line.ts";

const config = (name: string) => `{ "denizen": { "package": "${name}", "publisher": "me.os" } }`;
const COUNTER = processModule(
  "Counter",
  `${INCREMENT} @local status(): { count: u32 } { return { count: this.count }; }
  @http({ method: "GET", path: "/double" }) double(): u32 { return this.count * 2; }
  @http reset(): void { this.count = 0; }`,
);
const ROOM = processModule(
  "Room",
  `@local say(who: string, what: string): string { return who + what; }
  @http({ method: "GET", path: "/said" }) said(): string { return "hi"; }`,
  ", keyed: true",
);
/** Answers when it is released. */
const SLOW = "const released = Promise.withResolvers<void>();\n" + processModule(
  "Slow",
  `@local wait(): Promise<void> { return released.promise; }
  @local release(): void { released.resolve(); }`,
  ', turns: "interleaved"',
);

Deno.test("a call reaches a process by its address, and by its name if that is unambiguous", async () => {
  await using folder = await Folder.with({
    "demo/deno.json": config("demo"),
    "demo/counter.ts": COUNTER,
    "demo/room.ts": ROOM,
    "demo/slow.ts": SLOW,
    "other/deno.json": config("other"),
    "other/room.ts": ROOM,
  });
  const cwd = folder.path;
  await using node = new Serving(["run", "demo", "other"], { cwd });
  const { url } = await node.ready();
  const call = (...args: string[]) => denizen(["call", ...args], { cwd });

  assert.deepEqual(await call("counter:demo:me.os", '{"Increment":5}'), { code: 0, out: "5\n", err: "" });
  assert.equal((await call("our@counter:demo:me.os", "Status")).out, '{\n  "count": 5\n}\n');
  assert.equal(
    (await call("counter", '"Status"', "--json")).out,
    '{"status":"Success","value":{"count":5}}\n',
  );
  assert.equal((await call("room.a%20b:demo:me.os", '{"Say":["ann ","hi"]}')).out, '"ann hi"\n');
  const fromInput = await denizen(["call", "counter", "-"], { cwd, stdin: '{"Increment":2}\n' });
  assert.equal(fromInput.out, "7\n");

  const { token } = JSON.parse(await Deno.readTextFile(folder.file(".denizen/node.json")));
  const elsewhere = await denizen(["call", "counter", "Status", "--url", url, "--token", token], {
    cwd: "/",
  });
  assert.match(elsewhere.out, /"count": 7/);

  const cases: [args: string[], code: number, message: RegExp][] = [
    [["counter", '{"Increment":"five"}'], 3, /error: Cannot call .*\/Increment/],
    [["counter", '{"Incremnt":5}'], 3, /hint: did you mean "Increment"\?/],
    [["countre:demo:me.os", "Status"], 3, /hint: did you mean "counter:demo:me.os"\?/],
    [["slow", "Wait", "--timeout", "50ms"], 3, /error: Cannot /],
    [["countre", "Status"], 1, /hosts no such process\nhint: did you mean "counter"\?/],
    [
      ["room.general", '{"Say":["a","b"]}'],
      2,
      /several processes have that name: room:demo:me.os, room:other:me.os/,
    ],
    [["counter.key", "Status"], 2, /counter:demo:me.os has no keys/],
    [
      ["counter"],
      2,
      /the body is missing, which names the handler\nhint: its handlers: Increment\(by\), Status\(\), Double\(\)/,
    ],
    [["counter", "{Increment:5}"], 2, /Cannot send the body as it is not JSON/],
    [["counter", "Increment", "5"], 2, /one argument, in JSON\nhint: write '\{"Increment":5\}'\n/],
    [["counter", "Say", "ann", "it's"], 2, /hint: write '\{"Say":\["ann","it'\\''s"\]\}'\n/],
    [["counter", '{"Increment":5}', "more"], 2, /hint: see denizen call --help/],
    [["counter", "Status", "--url", url], 2, /--url as --token is missing/],
    [["counter", "Status", "--url", url, "--token", "wrong"], 1, /the token is wrong/],
  ];
  for (const [args, code, message] of cases) {
    const result = await call(...args);
    assert.equal(result.code, code, result.err);
    assert.equal(result.out, "");
    assert.match(result.err, message);
  }
  assert.equal((await call("slow", "Release")).out, "null\n");
  const refused = await call("counter", '{"Increment":-1}', "--json");
  assert.equal(refused.code, 3);
  assert.equal(refused.err, "");
  assert.equal(JSON.parse(refused.out).error.code, "invalid_argument");
});

Deno.test("a keyed process needs its key", async () => {
  await using folder = await Folder.with({ "deno.json": config("demo"), "room.ts": ROOM });
  const cwd = folder.path;
  await using node = new Serving(["run", "room.ts"], { cwd });
  await node.ready();
  assert.equal((await denizen(["call", "room.a b", '{"Say":["a","b"]}'], { cwd })).out, '"ab"\n');
  const { code, err } = await denizen(["call", "room", '{"Say":["a","b"]}'], { cwd });
  assert.equal(code, 2);
  assert.match(err, /hint: write room\.<key>/);
  const listed = await denizen(["ps", "--json"], { cwd });
  const { processes } = JSON.parse(listed.out);
  assert.deepEqual(processes.map(({ id, messages }: { id: string; messages: number }) => [id, messages]), [[
    "room.a%20b:demo:me.os",
    1,
  ]]);
  const routed = await denizen(["call", "room.general", "Said"], { cwd });
  assert.match(routed.err, /hint: call it over HTTP: GET http:\S+\/room\.general:demo:me\.os\/said\n/);
});

Deno.test("a call without a node says how to start one", async () => {
  await using folder = await Folder.with();
  for (const args of [["call", "counter", "Status"], ["ps"]]) {
    const { code, err } = await denizen(args, { cwd: folder.path });
    assert.equal(code, 1);
    assert.match(
      err,
      /Cannot reach a node as no node runs on the data folder .denizen\nhint: start one with denizen run/,
    );
  }
  const remote = await denizen(["ps", "--data", "https://kv.example.com"], { cwd: folder.path });
  assert.equal(remote.code, 2);
  assert.match(remote.err, /Cannot find a node by --data https:.* as only nodes with a data folder/);
});

Deno.test("the data folder of a killed node does not count as a running node", async () => {
  await using folder = await Folder.with({ "deno.json": config("demo"), "counter.ts": COUNTER });
  const cwd = folder.path;
  await using node = new Serving(["run", "counter.ts"], { cwd });
  const { pid } = await node.ready();
  Deno.kill(pid, "SIGKILL");
  await node.ended;
  assert.ok((await Deno.stat(folder.file(".denizen/node.json"))).isFile);
  const { code, err } = await denizen(["ps"], { cwd });
  assert.equal(code, 1);
  assert.match(err, /no node runs on the data folder/);
});
