/** Packs whose author means harm: their calls fail, and the node and other packs carry on. */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../runtime/world/clock.ts";
import { compileModule, loaded, rejects, scratch } from "./built_packs.ts";
import { startingWith, throwingIn } from "./changed_module.ts";
import { stubLibrary, stubModule, type StubOptions } from "./stub_pack.ts";

const needsC = needsCompilers("c");

const WAITS: StubOptions = {
  declarations:
    `__attribute__((import_module("env"), import_name("denizen_wait"))) void wait_for(int milliseconds);`,
  features: 1 | 1 << 3,
  tick: "wait_for(1); return 0;",
};

const RECURSES: StubOptions = {
  declarations: "static int deeper(int n) { return n < 0 ? 0 : deeper(n + 1) + 1; }",
  tick: "return deeper(0);",
};

/** A module whose ticks throw an exception. */
async function throwingModule(folder: string): Promise<string> {
  const path = await stubModule(folder, {});
  await Deno.writeFile(path, throwingIn(await Deno.readFile(path), "denizen_actor_tick"));
  return path;
}

for (const trusted of [true, false]) {
  const where = trusted ? "on the node's thread" : "in a worker";

  Deno.test(`an error that unwinds a module in the middle of a call ends it: ${where}`, needsC, async () => {
    await using folder = await scratch();
    const leaving: [what: string, path: () => Promise<string>][] = [
      ["an exception", () => throwingModule(folder.path)],
      ["a wait that is not suspended", () => stubModule(folder.path, WAITS)],
      ["recursion without an end", () => stubModule(folder.path, RECURSES)],
    ];
    for (const [what, path] of leaving) {
      await using all = await loaded([{ path: await path(), trusted }]);
      const stub = await all.packs.actor("stub.one");
      await rejects(stub.run({}), "pack_trapped", /The pack trapped/);
      await rejects(stub.run({}), "pack_trapped", /The pack trapped/);
      assert.equal(all.packs.list()[0]?.restarts, 1, what);
    }
  });
}

Deno.test(
  "a library whose registration fails gives back what it took before it is unloaded",
  needsC,
  async () => {
    await using folder = await scratch();
    const mark = join(folder.path, "mark");
    const path = await stubLibrary(folder.path, {
      declarations: "extern int creat(const char *, unsigned);",
      registerStatus: -99,
      shutdown: `creat(${JSON.stringify(mark)}, 0600);`,
    });
    for (const mode of ["native", "isolated"] as const) {
      await using all = await loaded([]);
      await rejects(all.packs.load({ path, mode, native: true }), "pack_invalid", /status -99/);
      assert.ok((await Deno.stat(mark)).isFile, mode);
      await Deno.remove(mark);
    }
  },
);

Deno.test("a module that registers templates while it runs has no more of them", needsC, async () => {
  await using folder = await scratch();
  const tick = `int status = add_template("{", 1, 1);
    return status == -99 ? put(out, 13, "{\\"output\\":99}", 13) : put(out, 12, "{\\"output\\":1}", 12);`;
  const path = await stubModule(folder.path, { tick });
  await using all = await loaded([{ path, trusted: true }]);
  const stub = await all.packs.actor("stub.one");
  assert.deepEqual(await stub.run({}), { output: 99 });
  assert.deepEqual(all.packs.list()[0]?.templates.map(({ name }) => name), ["stub.one"]);
});

Deno.test("a module that loops or traps as soon as it is instantiated is refused", needsC, async () => {
  await using folder = await scratch();
  const clock = { ...systemClock, after: (_ms: number, run: () => void) => systemClock.after(500, run) };
  for (
    const [shutdown, code] of [
      ["for (volatile int i = 0;; i++) {}", "pack_timeout"],
      ["__builtin_trap();", "pack_unreadable"],
    ] as const
  ) {
    const path = await stubModule(folder.path, { shutdown });
    await Deno.writeFile(path, startingWith(await Deno.readFile(path), "denizen_pack_shutdown"));
    await using all = await loaded([], { clock });
    await rejects(all.packs.load({ path }), code, /does not start|longer than its limit/);
    assert.deepEqual(all.packs.list(), []);
  }
});

Deno.test("a module can import only what the contract names", needsC, async () => {
  await using folder = await scratch();
  const imports = ["env.fetch", "env.memory_grow", "wasi_snapshot_preview1.fd_write", "Deno.exit"];
  for (const name of imports) {
    const [from, what] = name.split(".");
    const declarations =
      `__attribute__((import_module("${from}"), import_name("${what}"))) int outside(int);`;
    const path = await stubModule(folder.path, { declarations, tick: "return outside(1);" });
    for (const trusted of [true, false]) {
      await using all = await loaded([]);
      const reason = new RegExp(`imports what no host offers: ${name}`);
      await rejects(all.packs.load({ path, trusted }), "pack_unreadable", reason);
    }
  }
  const kind = await compileModule(folder.path, "memory", "int f(void) { return 1; }", [
    "-Wl,--import-memory",
  ]);
  await using all = await loaded([]);
  await rejects(
    all.packs.load({ path: kind, trusted: true }),
    "pack_unreadable",
    /no host offers: env.memory/,
  );
});

Deno.test(
  "a description that is too long, or whose names are no single line, is refused",
  needsC,
  async () => {
    await using folder = await scratch();
    const odd: [options: StubOptions, pattern: RegExp][] = [
      [
        {
          declarations: "static char much[16 << 20];",
          describePointer: "much",
          describeLength: "sizeof much",
        },
        /longer than/,
      ],
      [{ describeLength: "0xffffffff" }, /./],
      [{ described: ["stub.one\n00:00:00 info all is well"] }, /cannot be shown: "stub.one\\n00/],
      [{ described: ["stub.\u202eeno"] }, /cannot be shown: "stub.\\u202eeno"/],
    ];
    for (const [options, pattern] of odd) {
      const requests = [
        { path: await stubModule(folder.path, options), trusted: true },
        { path: await stubModule(folder.path, options) },
        { path: await stubLibrary(folder.path, options), mode: "native", native: true } as const,
      ];
      for (const request of requests) {
        await using all = await loaded([]);
        const error = await rejects(all.packs.load(request), "pack_invalid", pattern);
        assert.doesNotMatch(error.message, /[\n\u202e]/);
        assert.deepEqual(all.lines, []);
      }
    }
  },
);

/** C statements that answer with this JSON, and with as many bytes of attachments, counted from 0. */
function answering(json: string, attached = 0): string {
  const base = (4 + json.length + 7) & ~7;
  return `put(out, ${json.length}, ${JSON.stringify(json)}, ${json.length});
    for (int i = 0; i < ${attached}; i++) out[${base} + i] = (char)i;
    return ${attached > 0 ? base + attached : 4 + json.length};`;
}

const DEEP = `char *at = out + 4;
  for (int i = 0; i < 30000; i++) { *at++ = '{'; *at++ = '"'; *at++ = 'a'; *at++ = '"'; *at++ = ':'; if (at - out > 40000) break; }
  int depth = (int)(at - out - 4) / 5;
  const char end[] = "{\\"$bytes\\":[0,0]}";
  for (u32 i = 0; i < sizeof end - 1; i++) *at++ = end[i];
  for (int i = 0; i < depth; i++) *at++ = '}';
  *(u32 *)out = (u32)(at - out - 4);
  return (int)(at - out);`;

Deno.test(
  "a result that lies about what is attached to it, or is nested without end, is an error of that call",
  needsC,
  async () => {
    await using folder = await scratch();
    const wrong: [what: string, tick: string][] = [
      ["an odd offset", answering('{"a":{"$bytes":[4,4]}}', 8)],
      ["an offset that is not of its elements", answering('{"a":{"$f64":[1,1]}}', 16)],
      ["an offset before the start", answering('{"a":{"$bytes":[-8,8]}}', 8)],
      ["an offset that is no whole number", answering('{"a":{"$bytes":[0.5,1]}}', 8)],
      ["an offset in a span", answering('{"a":{"$bytes":[4294967296,1]}}', 8)],
      ["a length beyond its end", answering('{"a":{"$u32":[0,3]}}', 8)],
      ["a length below 0", answering('{"a":{"$u32":[8,-1]}}', 8)],
      ["a list of three", answering('{"a":{"$u32":[0,1,1]}}', 8)],
      ["a key that is written otherwise", answering('{"a":{"\\u0024u32":[0,3]}}', 8)],
      ["depth without end", DEEP],
    ];
    for (const [what, tick] of wrong) {
      const module = await stubModule(folder.path, { tick }),
        library = await stubLibrary(folder.path, { tick });
      const requests = [{ path: module, trusted: true }, { path: module }, {
        path: library,
        mode: "native",
        native: true,
      }] as const;
      for (const request of requests) {
        await using all = await loaded([request]);
        const stub = await all.packs.actor("stub.one");
        await rejects(stub.run({}), "pack_reply_invalid", /^Cannot/).catch((error) => {
          throw new Error(`${what}: ${error.message}`, { cause: error });
        });
        assert.equal(all.packs.list()[0]?.restarts, 0, what);
      }
    }
  },
);

Deno.test("attachments that overlap are read, each for itself", needsC, async () => {
  await using folder = await scratch();
  const tick = answering('{"output":[{"$bytes":[0,8]},{"$bytes":[0,4]},{"$u16":[0,2]}]}', 8);
  for (const trusted of [true, false]) {
    await using all = await loaded([{ path: await stubModule(folder.path, { tick }), trusted }]);
    const { output } = await (await all.packs.actor("stub.one")).run({});
    const [long, short, numbers] = output as [Uint8Array, Uint8Array, Uint16Array];
    assert.deepEqual([[...long], [...short], [...numbers]], [[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3], [
      256,
      770,
    ]]);
  }
});

Deno.test("memory that a module gives out where it has none is refused", needsC, async () => {
  await using folder = await scratch();
  for (const allocates of ["(void *)0xfffffff8", "(char *)at + 1", "(void *)0"]) {
    const path = await stubModule(folder.path, { allocates });
    for (const trusted of [true, false]) {
      await using all = await loaded([]);
      await rejects(all.packs.load({ path, trusted }), "pack_invalid", /no memory for a frame/);
    }
  }
});

Deno.test(
  "a value that no message can carry is an error of the pack that gave it, not of its caller",
  needsC,
  async () => {
    await using folder = await scratch();
    const path = await stubModule(folder.path, { tick: answering('{"output":1e999}') });
    await using all = await loaded([{ path }]);
    await rejects((await all.packs.actor("stub.one")).run({}), "pack_reply_invalid", /not finite/);
  },
);
