import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError } from "../../errors.ts";
import { findPacks } from "./find.ts";
import { parsePackSettings } from "./pack_settings.ts";

const MINE = { package: "app", publisher: "me.os" };

Deno.test("settings are read by name, and paths are relative to the deno.json", () => {
  const settings = {
    text: "./packs/text",
    hash: { path: "hash.pack", native: true, trusted: true, mode: "native" },
    words: {
      path: "w.pack",
      processes: { tokenizer: "words.tokenize", room: { template: "words.count", keyed: true } },
    },
    resize: { path: "/opt/resize.rflpack", timeLimitMs: 2000, memoryBytesMax: 67_108_864, key: "AAAA" },
  };
  assert.deepEqual([...parsePackSettings(settings, "/app", MINE)], [
    ["text", { path: "/app/packs/text" }],
    ["hash", { path: "/app/hash.pack", native: true, trusted: true, mode: "native" }],
    ["words", {
      path: "/app/w.pack",
      processes: [
        { template: "words.tokenize", id: "tokenizer:app:me.os" },
        { template: "words.count", keyed: true, id: "room:app:me.os" },
      ],
    }],
    ["resize", { ...settings.resize }],
  ]);
  assert.equal(parsePackSettings(undefined, "/app", MINE).size, 0);
});

Deno.test("a setting that is wrong is refused with its name and what to write", () => {
  const wrong: [unknown, RegExp][] = [
    [[], /denizen.packs as it is \[\]; write packs by name/],
    [{ a: 5 }, /denizen.packs.a as it is 5; write a path, or an object/],
    [{ a: {} }, /denizen.packs.a.path as it is missing; write a path/],
    [{ a: { path: "" } }, /denizen.packs.a.path as it is ""/],
    [{ a: { path: "x", mode: "fast" } }, /mode as it is "fast"; write auto, native, isolated, wasm/],
    [{ a: { path: "x", native: "yes" } }, /native as it is "yes"; write true or false/],
    [{ a: { path: "x", timeLimitMs: 0 } }, /timeLimitMs as it is 0; write milliseconds/],
    [{ a: { path: "x", memoryBytesMax: 1.5 } }, /memoryBytesMax as it is 1.5/],
    [{ a: { path: "x", processes: { "A b": "a.t" } } }, /a.processes.A b as it is "A b"; write a name of/],
    [{ a: { path: "x", processes: { b: 1 } } }, /a.processes.b as it is 1; write a template/],
    [{ a: { path: "x", processes: { b: {} } } }, /a.processes.b.template as it is missing/],
    [
      { a: { path: "x", processes: { b: { template: "t", key: 1 } } } },
      /b.key as it is 1; write one of template, config, keyed/,
    ],
    [{ a: { path: "x", trust: true } }, /packs.a.trust as it is true; write one of path, mode, native/],
  ];
  for (const [settings, pattern] of wrong) {
    assert.throws(() => parsePackSettings(settings, ".", MINE), (error: unknown) => {
      assert.ok(error instanceof DenizenError);
      assert.equal(error.code, "bad_option");
      assert.match(error.message, pattern);
      return true;
    });
  }
});

Deno.test("packs are found by settings, by path and in folders; what the app says of a name holds", async () => {
  const folder = await Deno.makeTempDir({ prefix: "find-packs-" });
  try {
    for (const name of ["b.pack", "a.rflpack", "c.wasm", "readme.md", "lib.so"]) {
      await Deno.writeTextFile(join(folder, name), "");
    }
    await Deno.mkdir(join(folder, "built/target"), { recursive: true });
    await Deno.writeTextFile(join(folder, "built/target/manifest.json"), "{}");
    await Deno.mkdir(join(folder, "other"));
    const found = await findPacks({
      settings: { b: { path: "elsewhere/b.pack", trusted: true } },
      folder: "/app",
      directories: [folder, join(folder, "none")],
      paths: ["/opt/x.pack"],
    });
    assert.deepEqual([...found], [
      ["b", { path: "/app/elsewhere/b.pack", trusted: true }],
      ["x", { path: "/opt/x.pack" }],
      ["a", { path: join(folder, "a.rflpack"), optional: true }],
      ["built", { path: join(folder, "built"), optional: true }],
      ["c", { path: join(folder, "c.wasm"), optional: true }],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
