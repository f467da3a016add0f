/** What a run writes, keeps and removes, and how little it costs when nothing changed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkGenerated, generate, type GenerateResult } from "./mod.ts";

const COUNTER = `import { Http, http, local, process, type u32 } from "@denizen/macro";
@process({ name: "Counter", endpoints: [Http("/api")] })
export class Counter {
  count: u32 = 0;
  @http @local add(by: u32): u32 { return this.count += by; }
}
`;
const ROOM = `import { local, process } from "@denizen/macro";
import type { Message } from "./message.ts";
@process({ name: "Room", keyed: true })
export class ChatRoom {
  messages: Message[] = [];
  @local say(message: Message): void { this.messages.push(message); }
}
`;
const MESSAGE = `export interface Message { text: string }\n`;
const CONFIG = '{ "denizen": { "package": "chat", "publisher": "me.os" } }';

/** A folder with an app of two processes. */
class App implements Disposable {
  readonly folder = Deno.makeTempDirSync();

  constructor() {
    this.write("counter.ts", COUNTER);
    this.write("room.ts", ROOM);
    this.write("message.ts", MESSAGE);
    this.write("deno.json", CONFIG);
  }

  path(name: string): string {
    return join(this.folder, name);
  }
  write(name: string, text: string): void {
    Deno.writeTextFileSync(this.path(name), text);
  }
  read(name: string): string {
    return Deno.readTextFileSync(this.path(name));
  }
  generate(app = this.folder): Promise<GenerateResult> {
    return generate({ apps: [app] });
  }
  /** Generates and tells what was written and removed, by name. */
  async run(app = this.folder): Promise<{ written: string[]; removed: string[] }> {
    const { written, removed } = await this.generate(app);
    const name = (file: string) => file.slice(this.folder.length + 1);
    return { written: written.map(name), removed: removed.map(name) };
  }
  async reason(app = this.folder): Promise<string | undefined> {
    const staleness = await checkGenerated(app);
    return staleness.stale ? staleness.reason : undefined;
  }
  generatedFiles(): string[] {
    return [...Deno.readDirSync(this.path("generated"))].map((entry) => entry.name).sort();
  }
  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

const NOTHING = { written: [], removed: [] };

/** The module of a process, and the schema next to it. */
function bothOf(module: string): string[] {
  return [module, module.replace(/\.ts$/, ".schema.json")];
}

const MODULES = ["chat_room.schema.json", "chat_room.ts", "counter.schema.json", "counter.ts"];

Deno.test("a folder is one app: each exported process gets a module next to its source", async () => {
  using app = new App();
  app.write("counter_test.ts", COUNTER.replaceAll("Counter", "Tested"));
  app.write("shapes.d.ts", "export interface Shape {}");
  const { processes, written, unchanged, removed } = await app.generate();
  assert.deepEqual(processes, [
    {
      app: app.folder,
      id: "counter:chat:me.os",
      className: "Counter",
      keyed: false,
      source: app.path("counter.ts"),
      module: app.path("generated/counter.ts"),
    },
    {
      app: app.folder,
      id: "chat-room:chat:me.os",
      className: "ChatRoom",
      keyed: true,
      source: app.path("room.ts"),
      module: app.path("generated/chat_room.ts"),
    },
  ]);
  assert.deepEqual(written, processes.flatMap((process) => bothOf(process.module)));
  assert.deepEqual([unchanged, removed], [[], []]);
  assert.deepEqual(app.generatedFiles(), [".manifest.json", ...MODULES]);
});

Deno.test("a module is an app too, with the processes it re-exports from other folders", async () => {
  using app = new App();
  Deno.mkdirSync(app.path("lib"));
  app.write("lib/counter.ts", COUNTER);
  app.write("main.ts", 'export { Counter as Tally } from "./lib/counter.ts";\nexport * from "./room.ts";\n');
  const { processes } = await app.generate(app.path("main.ts"));
  assert.deepEqual(processes.map(({ id, module }) => [id, module]), [
    ["counter:chat:me.os", app.path("lib/generated/counter.ts")],
    ["chat-room:chat:me.os", app.path("generated/chat_room.ts")],
  ]);
});

Deno.test("without a denizen section, the package is the folder's name and the publisher is local", async () => {
  using app = new App();
  Deno.removeSync(app.path("deno.json"));
  Deno.mkdirSync(app.path("My Counters 2"));
  app.write("My Counters 2/counter.ts", COUNTER);
  const { processes } = await app.generate(app.path("My Counters 2"));
  assert.equal(processes[0]?.id, "counter:my-counters-2:local");
});

Deno.test("imports through an import map and under other names are followed", async () => {
  using app = new App();
  app.write(
    "deno.json",
    '{ "denizen": { "package": "a" }, "imports": { "#shapes/": "./shapes/", "one": "./shapes/one.ts" } }',
  );
  Deno.mkdirSync(app.path("shapes"));
  app.write(
    "shapes/one.ts",
    `import type { u32 as whole } from "jsr:@denizen/macro@^1";\nexport interface One { one: whole }\n`,
  );
  app.write("shapes/two.ts", 'export type { One as Two } from "one";\n');
  app.write(
    "user.ts",
    `import * as d from "@denizen/macro";
import { gone } from "./generated/not_there.ts";
import type { Far } from "npm:far-away@1";
import type { Two } from "#shapes/two.ts";
@d.process({ name: "User", endpoints: [d.Http("/api")] })
export class User { @d.http get(two: Two): d.u32 { return gone(two as unknown as Far); } }
`,
  );
  await app.generate(app.path("user.ts"));
  const text = app.read("generated/user.ts");
  assert.match(text, /import type \{ One \} from "\.\.\/shapes\/one\.ts";/);
  assert.match(text, /one: \(at = "one", checkU32\(from\.one\)\)/);
});

Deno.test("a second run writes nothing and leaves the times of the files alone", async () => {
  using app = new App();
  await app.run();
  const before = Deno.statSync(app.path("generated/counter.ts")).mtime;
  const { written, unchanged, processes } = await app.generate();
  assert.deepEqual(written, []);
  assert.deepEqual(unchanged, processes.flatMap((process) => bothOf(process.module)));
  assert.equal(processes.length, 2);
  assert.deepEqual(Deno.statSync(app.path("generated/counter.ts")).mtime, before);
  assert.equal(await app.reason(), undefined);
});

Deno.test("a change that does not touch a process leaves its module alone", async () => {
  using app = new App();
  await app.run();
  app.write("counter.ts", COUNTER + "// more\n");
  assert.equal(await app.reason(), "counter.ts has changed");
  assert.deepEqual(await app.run(), { written: ["generated/counter.ts"], removed: [] });
  app.write("deno.json", CONFIG.replace("{ ", '{ "imports": {}, '));
  assert.equal(await app.reason(), "deno.json has changed");
  assert.deepEqual(await app.run(), NOTHING);
  assert.equal(await app.reason(), undefined);
});

Deno.test("every change of what a contract depends on makes it stale", async (test) => {
  const changes: Record<string, readonly [change: (app: App) => void, reason: string, written: string[]]> = {
    "a type in another file": [
      (app) => app.write("message.ts", "export interface Message { text: string; loud?: boolean }"),
      "message.ts has changed",
      bothOf("generated/chat_room.ts"),
    ],
    "the package": [
      (app) => app.write("deno.json", CONFIG.replace("chat", "talk")),
      "deno.json has changed",
      [...bothOf("generated/counter.ts"), ...bothOf("generated/chat_room.ts")],
    ],
    "a new module": [
      (app) => app.write("tally.ts", COUNTER.replaceAll("Counter", "Tally")),
      "tally.ts is new",
      bothOf("generated/tally.ts"),
    ],
    "an edited output": [
      (app) => app.write("generated/counter.ts", app.read("generated/counter.ts") + "// mine\n"),
      "generated/counter.ts has changed",
      ["generated/counter.ts"],
    ],
    "a deleted output": [
      (app) => Deno.removeSync(app.path("generated/counter.ts")),
      "generated/counter.ts is gone",
      ["generated/counter.ts"],
    ],
    "an edited schema": [
      (app) => app.write("generated/counter.schema.json", ""),
      "generated/counter.schema.json has changed",
      ["generated/counter.schema.json"],
    ],
    "an output cut short": [
      (app) => app.write("generated/counter.ts", ""),
      "generated/counter.ts has changed",
      ["generated/counter.ts"],
    ],
    "a deleted manifest": [
      (app) => Deno.removeSync(app.path("generated/.manifest.json")),
      "it was not generated yet, or by another version",
      [],
    ],
    "a broken manifest": [
      (app) => app.write("generated/.manifest.json", '{"version":'),
      "it was not generated yet, or by another version",
      [],
    ],
    "another generator": [
      (app) => {
        const manifest = JSON.parse(app.read("generated/.manifest.json"));
        app.write("generated/.manifest.json", JSON.stringify({ ...manifest, version: "0.0" }));
      },
      "it was not generated yet, or by another version",
      [],
    ],
  };
  for (const [name, [change, reason, written]] of Object.entries(changes)) {
    await test.step(name, async () => {
      using app = new App();
      await app.run();
      change(app);
      assert.equal(await app.reason(), reason);
      assert.deepEqual(await app.run(), { written, removed: [] });
      assert.equal(await app.reason(), undefined);
    });
  }
});

Deno.test("of a deno.json only the package, the publisher and the imports make it stale", async () => {
  using app = new App();
  await app.run();
  const { denizen } = JSON.parse(CONFIG);
  app.write("deno.json", JSON.stringify({ tasks: { run: "deno run main.ts" }, denizen, fmt: {} }, null, 2));
  assert.equal(await app.reason(), undefined);
  assert.deepEqual(await app.run(), NOTHING);
  app.write("deno.json", JSON.stringify({ denizen: { ...denizen, publisher: "you.os" } }));
  assert.match((await app.reason())!, /deno\.json has changed/);
});

Deno.test("a deno.json that appears nearer, and a file that was missing, make it stale", async () => {
  using app = new App();
  app.write("room.ts", ROOM + 'export { extra } from "./extra.ts";\n');
  Deno.mkdirSync(app.path("inner"));
  app.write("inner/counter.ts", COUNTER);
  await app.run();
  await app.run(app.path("inner"));
  app.write("extra.ts", "export const extra = 1;\n");
  assert.equal(await app.reason(app.path("room.ts")), "it was not generated yet, or by another version");
  assert.equal(await app.reason(), "extra.ts is new");
  app.write("inner/deno.json", CONFIG.replace("chat", "inner"));
  assert.equal(await app.reason(app.path("inner")), "deno.json is new");
  await app.run(app.path("inner"));
  assert.match(app.read("inner/generated/counter.ts"), /"counter:inner:me\.os"/);
});

Deno.test("the module of a class that is gone is removed, unless another app has it", async () => {
  using app = new App();
  await app.run();
  await app.run(app.path("counter.ts"));
  app.write("room.ts", "export {};\n");
  assert.deepEqual(await app.run(), { written: [], removed: bothOf("generated/chat_room.ts") });
  Deno.removeSync(app.path("room.ts"));
  app.write("counter.ts", COUNTER.replaceAll("Counter", "Tally"));
  assert.deepEqual(await app.run(), { written: bothOf("generated/tally.ts"), removed: [] });
  assert.deepEqual(await app.run(app.path("counter.ts")), {
    written: [],
    removed: bothOf("generated/counter.ts"),
  });
  app.write("counter.ts", "export {};\n");
  await app.run();
  await app.run(app.path("counter.ts"));
  assert.deepEqual(app.generatedFiles(), [".counter.manifest.json", ".manifest.json"]);
  assert.deepEqual(await checkGenerated(app.folder), { stale: false, processes: [], outputs: [] });
});

Deno.test("a file that was not generated is neither overwritten nor removed", async () => {
  using app = new App();
  Deno.mkdirSync(app.path("generated"));
  app.write("generated/counter.ts", "export const mine = 1;\n");
  await assert.rejects(
    app.generate(),
    /Cannot generate counter\.ts as a file that was not generated is in its place/,
  );
  assert.equal(app.read("generated/counter.ts"), "export const mine = 1;\n");
  Deno.removeSync(app.path("generated/counter.ts"));
  await app.run();
  app.write("generated/chat_room.ts", "export const mine = 1;\n");
  app.write("room.ts", "export {};\n");
  assert.deepEqual(await app.run(), { written: [], removed: ["generated/chat_room.schema.json"] });
  assert.equal(app.read("generated/chat_room.ts"), "export const mine = 1;\n");
});

Deno.test("an app with a mistake keeps its last modules, and others are generated", async () => {
  using app = new App();
  await app.run();
  const before = app.read("generated/counter.ts");
  app.write("counter.ts", COUNTER.replace("by: u32", "by: URL"));
  using other = new App();
  await assert.rejects(generate({ apps: [app.folder, other.folder] }), { name: "GenerateError" });
  assert.equal(app.read("generated/counter.ts"), before);
  assert.equal(await other.reason(), undefined);
  assert.equal(await app.reason(), "counter.ts has changed");
});

Deno.test("runs at the same time leave whole files and no others", async () => {
  using app = new App();
  await Promise.all(Array.from({ length: 8 }, () => app.generate()));
  assert.deepEqual(app.generatedFiles(), [".manifest.json", ...MODULES]);
  assert.equal(await app.reason(), undefined);
});

Deno.test("a run with nothing to do costs less than 100 ms beyond Deno's own start, without TypeScript", async () => {
  using app = new App();
  await app.run();
  const script = (body: string) => {
    const file = app.path(`generated/${crypto.randomUUID()}.mjs`);
    Deno.writeTextFileSync(file, body);
    return file;
  };
  const empty = script("");
  const cached = script(`import { generate } from ${JSON.stringify(import.meta.resolve("./mod.ts"))};
const { written, processes } = await generate({ apps: [${JSON.stringify(app.folder)}] });
console.log(written.length, processes.length, Deno.memoryUsage().heapUsed);
`);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const run = async (file: string) => {
    const started = performance.now();
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--config", config, file],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return { ms: performance.now() - started, output: new TextDecoder().decode(stdout).trim() };
  };
  const rounds = 5;
  const times = { empty: [] as number[], cached: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.empty.push((await run(empty)).ms);
    const { ms, output } = await run(cached);
    assert.match(output, /^0 2 /);
    const heapBytes = Number(output.split(" ")[2]);
    assert.ok(heapBytes < 16_000_000, `TypeScript seems to be loaded: ${heapBytes} bytes of heap`);
    times.cached.push(ms);
  }
  const [emptyMs, cachedMs] = [Math.min(...times.empty), Math.min(...times.cached)];
  console.log(`empty script ${emptyMs.toFixed(0)} ms, cached run ${cachedMs.toFixed(0)} ms`);
  assert.ok(cachedMs - emptyMs < 100, `a cached run costs ${(cachedMs - emptyMs).toFixed(0)} ms`);
});
