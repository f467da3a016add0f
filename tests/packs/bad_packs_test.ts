/** Broken packs: each is refused with its name, or fails one call, and the node carries on. */
import { sha256 } from "@denizen/pack-sdk";
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../runtime/world/clock.ts";
import type { ErrorCode } from "../../runtime/errors.ts";
import type { PackRequest } from "../../runtime/pack/bundle/pack_settings.ts";
import { writeZip } from "../../runtime/pack/bundle/zip_writer.ts";
import {
  builtFixture,
  compileLibrary,
  compileModule,
  fixtureLibrary,
  fixtureModule,
  loaded,
  rejects,
  scratch,
} from "./built_packs.ts";
import { stubLibrary, stubModule, type StubOptions } from "./stub_pack.ts";

const needsC = needsCompilers("c");

const native = { mode: "native", native: true } as const;
const isolated = { mode: "isolated", native: true } as const;
const trusted = { mode: "wasm", trusted: true } as const;
const worker = { mode: "wasm" } as const;

/** Expects that loading fails and leaves nothing of the pack behind. */
async function refused(request: PackRequest, code: ErrorCode, pattern: RegExp): Promise<void> {
  await using all = await loaded([]);
  await rejects(all.packs.load(request), code, pattern);
  assert.deepEqual(all.packs.list(), []);
  await rejects(all.packs.actor("stub.one"), "unknown_template", /stub.one/);
}

/** The same pack by every carrier. */
async function refusedEverywhere(options: StubOptions, code: ErrorCode, pattern: RegExp): Promise<void> {
  await using folder = await scratch();
  const library = await stubLibrary(folder.path, options), module = await stubModule(folder.path, options);
  await refused({ path: library, ...native }, code, pattern);
  await refused({ path: library, ...isolated }, code, pattern);
  await refused({ path: module, ...trusted }, code, pattern);
  await refused({ path: module, ...worker }, code, pattern);
}

Deno.test("a correct stub is loaded by every carrier", needsC, async () => {
  await using folder = await scratch();
  const options = { tick: 'return put(out, 14, "{\\"output\\": 42}", 14);' };
  const library = await stubLibrary(folder.path, options), module = await stubModule(folder.path, options);
  const requests = [
    { path: library, ...native },
    { path: library, ...isolated },
    { path: module, ...trusted },
    { path: module, ...worker },
  ];
  for (const request of requests) {
    await using all = await loaded([request]);
    assert.deepEqual(await (await all.packs.actor("stub.one")).run({ input: 1 }), { output: 42 });
  }
});

Deno.test("a file that is neither a library nor a module is refused", needsC, async () => {
  await using folder = await scratch();
  const path = join(folder.path, "broken");
  const library = await Deno.readFile(await fixtureLibrary());
  await Deno.writeFile(path, library.subarray(0, 200));
  await refused({ path, ...native }, "pack_unreadable", /does not open/);
  await refused({ path, ...isolated }, "pack_unreadable", /does not open/);
  const module = await Deno.readFile(await fixtureModule());
  for (const length of [4, 8, 100, module.length - 10]) {
    await Deno.writeFile(path, module.subarray(0, length));
    await refused({ path, ...trusted }, "pack_unreadable", /./);
    await refused({ path, ...worker }, "pack_unreadable", /./);
  }
});

Deno.test("a library for another processor is refused before it is opened", needsC, async () => {
  await using folder = await scratch();
  const path = join(folder.path, "other.so");
  const library = await Deno.readFile(await fixtureLibrary());
  library[18] = Deno.build.arch === "x86_64" ? 0xb7 : 0x3e;
  await Deno.writeFile(path, library);
  for (const mode of [native, isolated]) {
    await refused({ path, ...mode }, "pack_incompatible", /built for linux on (aarch64|x86_64): this is/);
  }
});

Deno.test("a library or module without the symbols is refused", needsC, async () => {
  await using folder = await scratch();
  const source = "int answer(void) { return 42; }";
  const library = await compileLibrary(folder.path, "plain", source);
  await refused({ path: library, ...native }, "pack_unreadable", /denizen_pack_abi|symbol/i);
  const module = await compileModule(folder.path, "plain", source);
  await refused({ path: module, ...trusted }, "pack_unreadable", /does not export denizen_pack_abi/);
  const importing =
    'int elsewhere(void); __attribute__((export_name("f"))) int f(void) { return elsewhere(); }';
  const path = join(folder.path, "import.wasm");
  await compileModule(
    folder.path,
    "import",
    `__attribute__((import_module("wasi"), import_name("x"))) ${importing}`,
  );
  await refused({ path, ...worker }, "pack_unreadable", /imports what no host offers: wasi.x/);
});

Deno.test("an ABI that is too new or too old is refused", needsC, async () => {
  await refusedEverywhere({ major: 2 }, "pack_incompatible", /ABI 2.0/);
  await refusedEverywhere({ minor: 99 }, "pack_incompatible", /ABI 1.99/);
  await refusedEverywhere({ major: 0, minor: 9 }, "pack_incompatible", /ABI 0.9/);
  await refusedEverywhere({ features: 1 | 1 << 20 }, "pack_incompatible", /features this host lacks/);
});

Deno.test("a pack whose registered templates differ from its description is refused", needsC, async () => {
  const lie = { described: ["stub.one"], registered: ["stub.one", "stub.two"] };
  await refusedEverywhere(lie, "pack_invalid", /other templates than it describes/);
});

Deno.test("a pack that registers a template twice is refused", needsC, async () => {
  await refusedEverywhere({ described: ["stub.one", "stub.one"] }, "pack_invalid", /status -3/);
});

Deno.test("a pack whose registration fails half-way leaves nothing behind", needsC, async () => {
  await refusedEverywhere(
    { described: ["stub.one", "stub.two"], registerStatus: -99 },
    "pack_invalid",
    /status -99/,
  );
});

Deno.test("a manifest that promises other templates, or another version, is refused", needsC, async () => {
  await using folder = await scratch();
  const built = await builtFixture();
  const manifest = JSON.parse(await Deno.readTextFile(join(built, "manifest.json")));
  const module = await Deno.readFile(await fixtureModule());
  const path = join(folder.path, "liar.pack");
  for (
    const changes of [{ templates: manifest.templates.slice(1) }, { version: "1.0.1" }, { name: "other" }]
  ) {
    const text = new TextEncoder().encode(JSON.stringify({ ...manifest, ...changes }));
    await Deno.writeFile(path, writeZip([["manifest.json", text], ["wasm/fixture.wasm", module]]));
    await refused(
      { path, ...trusted },
      "pack_invalid",
      /other templates than its manifest|describes itself as another/,
    );
  }
});

Deno.test("a module that never ends its registration is stopped", needsC, async () => {
  await using folder = await scratch();
  const path = await stubModule(folder.path, { atRegister: "for (volatile int i = 0;; i++) {}" });
  const clock = { ...systemClock, after: (_ms: number, run: () => void) => systemClock.after(200, run) };
  await using all = await loaded([], { clock });
  await rejects(all.packs.load({ path }), "pack_timeout", /longer than its limit/);
  await all.packs.load({ path: await fixtureModule(), trusted: true });
});

Deno.test(
  "a module that starts with more memory than its cap, or points outside it, is refused",
  needsC,
  async () => {
    await using folder = await scratch();
    const path = await fixtureModule();
    await refused({ path, ...trusted, memoryBytesMax: 65_536 }, "pack_incompatible", /memoryBytesMax/);
    const outside = await stubModule(folder.path, { describePointer: "(const char *)0x7fffffff" });
    await refused({ path: outside, ...trusted }, "pack_invalid", /outside its memory/);
    await refused({ path: outside, ...worker }, "pack_invalid", /outside its memory/);
  },
);

Deno.test("a result that is not a frame fails that call", needsC, async () => {
  await using folder = await scratch();
  const wrong: [string, StubOptions][] = [
    ["JSON longer than the frame", { tick: 'return put(out, 1000, "{}", 2);' }],
    ["JSON of 4 GiB", { tick: 'return put(out, 0xffffffff, "{}", 2);' }],
    ["shorter than a length", { tick: "return 3;" }],
    ["not UTF-8", { tick: 'return put(out, 8, "{\\"a\\":\\"\\xff\\xfe\\"}", 9);' }],
    ["no object", { tick: 'return put(out, 3, "[1]", 3);' }],
    ["an attachment outside", { tick: 'return put(out, 25, "{\\"a\\":{\\"$bytes\\":[0,1000]}}", 25);' }],
    ["an attachment that overflows", {
      tick: 'return put(out, 33, "{\\"a\\":{\\"$f64\\":[0,99999999999999]}}", 33);',
    }],
    ["a result that is not kept", { tick: "return 100000;" }],
    ["a kept result of another length", { tick: "return 100000;", takes: "7" }],
  ];
  for (const [what, options] of wrong) {
    const library = await stubLibrary(folder.path, options), module = await stubModule(folder.path, options);
    const requests = [{ path: library, ...native }, { path: module, ...trusted }, {
      path: module,
      ...worker,
    }];
    for (const request of requests) {
      await using all = await loaded([request]);
      const stub = await all.packs.actor("stub.one");
      const error = await rejects(stub.run({ input: 1 }), "pack_reply_invalid", /Cannot/);
      assert.equal(error.data?.pack, "stub", what);
      await rejects(stub.run({ input: 1 }), "pack_reply_invalid", /Cannot/);
    }
  }
});

Deno.test(
  "a bundle that would unpack outside of its folder is refused, and nothing is written",
  needsC,
  async () => {
    await using folder = await scratch();
    const path = join(folder.path, "slip.pack");
    await Deno.writeFile(path, writeZip([["../evil.so", await Deno.readFile(await fixtureLibrary())]]));
    await refused({ path, ...native }, "pack_unreadable", /leads out/);
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["slip.pack"]);
  },
);

Deno.test("a library that was changed in the cache between two runs is not opened", needsC, async () => {
  await using folder = await scratch();
  const built = await builtFixture();
  const path = join(folder.path, "fixture.pack"), cache = join(folder.path, "cache");
  const manifest = JSON.parse(await Deno.readTextFile(join(built, "manifest.json")));
  const files = await Promise.all(
    ["manifest.json", ...manifest.files.map((file: { path: string }) => file.path)].map(async (name) =>
      [name, await Deno.readFile(join(built, name))] as const
    ),
  );
  await Deno.writeFile(path, writeZip(files));
  const request = { path, ...native };
  {
    await using all = await loaded([request], { cache });
    assert.equal(all.lines.length, 1);
  }
  const hash = await sha256(await Deno.readFile(await fixtureLibrary()));
  const evil = await compileLibrary(
    folder.path,
    "evil",
    "__attribute__((constructor)) static void f(void) { __builtin_trap(); }",
  );
  await Deno.copyFile(evil, join(cache, hash));
  await using all = await loaded([request], { cache });
  assert.match(all.lines[0]!.message, /does not match its hash/);
  const echo = await all.packs.actor("fixture.echo");
  assert.deepEqual(await echo.run({ input: 1 }), { output: 1 });
  assert.equal(await sha256(await Deno.readFile(join(cache, hash))), hash);
});

Deno.test("a pack whose signature is another's, or missing, is not trusted", needsC, async () => {
  const key = new Uint8Array(32).toBase64();
  await refused({ path: await fixtureModule(), key }, "pack_untrusted", /it is not signed/);
});
