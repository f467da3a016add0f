import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { openWasm } from "../wasm.ts";
import { BuildFailure, buildPack, type BuildReport, LANGUAGES, newPack } from "./build.ts";
import { parsePackFile } from "./pack_file.ts";

const needsC = needsCompilers("c");

const FIXTURE = fileURLToPath(new URL("../../packs/fixture/", import.meta.url));

interface Scratch extends AsyncDisposable {
  readonly folder: string;
}

async function scratch(): Promise<Scratch> {
  const folder = await Deno.makeTempDir();
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function copyFixture(folder: string): Promise<string> {
  const copy = path.join(folder, "fixture");
  await Deno.mkdir(path.join(copy, "src"), { recursive: true });
  for (const file of ["pack.json", "src/fixture.c"]) {
    await Deno.copyFile(path.join(FIXTURE, file), path.join(copy, file));
  }
  return copy;
}

function checkSkipped({ skipped }: BuildReport): void {
  if (Deno.env.get("CI") === "true") assert.deepEqual(skipped, [], "a compiler is missing");
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  await Deno.writeTextFile(file, change(await Deno.readTextFile(file)));
}

for (const language of LANGUAGES) {
  // That it builds and passes its test is tested where the command makes it.
  Deno.test(`a new pack in ${language} has an actor of less than 25 lines, and its own name everywhere`, async () => {
    await using place = await scratch();
    const folder = path.join(place.folder, "the-greeter");
    const files = await newPack(folder, language);
    const source = files.find((file) => file.startsWith("src/"))!;
    const lines = (await Deno.readTextFile(path.join(folder, source))).trimEnd().split("\n");
    assert.ok(lines.length < 25, `${lines.length} lines`);
    assert.ok(files.includes("the_greeter_test.ts"));
    for (const file of files) {
      assert.ok(!(await Deno.readTextFile(path.join(folder, file))).includes("hello"), file);
    }
    await assert.rejects(newPack(folder, language), BuildFailure);
  });
}

Deno.test("the same sources give the same bytes, wherever they are", async () => {
  await using one = await scratch();
  await using two = await scratch();
  const first = await buildPack(await copyFixture(one.folder)),
    second = await buildPack(await copyFixture(two.folder));
  checkSkipped(first);
  assert.deepEqual(first.manifest, second.manifest);
  const text = (report: BuildReport) => Deno.readTextFile(path.join(report.target, "manifest.json"));
  assert.equal(await text(first), await text(second));
});

Deno.test("the manifest says what was built and what it offers", needsC, async () => {
  const report = await buildPack(FIXTURE);
  checkSkipped(report);
  const { manifest, target } = report;
  assert.equal(manifest.denizen_pack, 1);
  assert.equal(manifest.abi, "1.0");
  assert.ok(manifest.templates.some(({ name, blocking }) => name === "fixture.slow" && blocking));
  for (const { path: file, bytes, sha256 } of manifest.files) {
    const contents = await Deno.readFile(path.join(target, file));
    assert.equal(contents.length, bytes);
    assert.equal(new Uint8Array(await crypto.subtle.digest("SHA-256", contents)).toHex(), sha256);
  }
});

Deno.test("what did not change is not compiled again, and what changed is", async () => {
  await using place = await scratch();
  const folder = await copyFixture(place.folder), options = { carriers: ["wasm"] } as const;
  const report = await buildPack(folder, options);
  if (report.skipped.length > 0) return checkSkipped(report);
  const file = path.join(report.target, "wasm/fixture.wasm"), made = (await Deno.stat(file)).mtime!.getTime();
  await buildPack(folder, options);
  assert.equal((await Deno.stat(file)).mtime!.getTime(), made);
  await rewrite(
    path.join(folder, "src/fixture.c"),
    (text) => text.replace("Adds up bytes", "Adds up all bytes"),
  );
  const { manifest } = await buildPack(folder, options);
  assert.ok(manifest.templates.some(({ description }) => description === "Adds up all bytes"));
  await Deno.writeFile(file, new Uint8Array([1]));
  await buildPack(folder, options);
  openWasm(await Deno.readFile(file)).close();
});

Deno.test("a missing compiler is named, and the other carriers are built", async () => {
  await using place = await scratch();
  const folder = await copyFixture(place.folder);
  const script = path.join(place.folder, "script.ts");
  const build = JSON.stringify(new URL("build.ts", import.meta.url).href);
  await Deno.writeTextFile(
    script,
    `import { buildPack } from ${build}; console.log(JSON.stringify(await buildPack(${
      JSON.stringify(folder)
    })));`,
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-lock",
      "--quiet",
      `--config=${fileURLToPath(new URL("../deno.json", import.meta.url))}`,
      script,
    ],
    clearEnv: true,
    env: {
      PATH: place.folder,
      NO_COLOR: "1",
      HOME: Deno.env.get("HOME") ?? "",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? "",
    },
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  const { skipped, manifest } = JSON.parse(new TextDecoder().decode(stdout)) as BuildReport;
  assert.deepEqual(skipped, [
    { carrier: "native", missing: "a C compiler (cc, gcc or clang)" },
    { carrier: "wasm", missing: "clang" },
  ]);
  assert.deepEqual(manifest.files, []);
});

Deno.test("a pack whose pack.json lies is not built", async () => {
  await using place = await scratch();
  const folder = await copyFixture(place.folder), options = { carriers: ["wasm"] } as const;
  await rewrite(path.join(folder, "pack.json"), (text) => text.replace("fixture.echo", "fixture.other"));
  const report = await buildPack(folder, options).catch((error) => error);
  if (!(report instanceof Error)) return checkSkipped(report);
  assert.ok(report instanceof BuildFailure);
  await rewrite(path.join(folder, "pack.json"), (text) => text.replace("1.0.0", "1.0.1"));
  await assert.rejects(
    buildPack(folder, options),
    /wasm carrier has the version "1\.0\.0" where pack\.json says "1\.0\.1"/,
  );
  assert.match(
    report.message,
    /other templates than pack\.json says: write there "templates": \[.*"fixture\.echo"/,
  );
});

Deno.test("what a compiler complains about is in the failure", async () => {
  await using place = await scratch();
  const folder = await copyFixture(place.folder);
  await rewrite(path.join(folder, "src/fixture.c"), (text) => text + "\nint unused = missing;\n");
  const report = await buildPack(folder, { carriers: ["native"] }).catch((error) => error);
  if (!(report instanceof Error)) return checkSkipped(report);
  assert.match((report as BuildFailure).output, /fixture\.c:\d+:\d+: error: .*missing/);
});

Deno.test("a native C pack that calls a function of no library is not built", needsC, async () => {
  await using place = await scratch();
  const folder = await copyFixture(place.folder);
  const call = "\nextern int helper_answer(int);\nint call(int x) { return helper_answer(x); }\n";
  await rewrite(path.join(folder, "src/fixture.c"), (text) => text + call);
  const build = async (...flags: string[]) => {
    await rewrite(path.join(folder, "pack.json"), (text) => {
      const file = JSON.parse(text);
      file.build.native.flags = ["-O0", ...flags];
      return JSON.stringify(file);
    });
    return await buildPack(folder, { carriers: ["native"] });
  };
  const failure = await build().catch((error) => error);
  assert.ok(failure instanceof BuildFailure);
  assert.match(failure.output, /helper_answer/);

  const source = path.join(folder, "helper.c"), library = path.join(folder, "libhelper.so");
  await Deno.writeTextFile(source, "int helper_answer(int x) { return x + 1; }\n");
  const compiler = new Deno.Command("cc", { args: ["-shared", "-fPIC", source, "-o", library] });
  assert.ok((await compiler.output()).success);
  const { manifest } = await build(`-L${folder}`, "-lhelper", `-Wl,-rpath,${folder}`);
  assert.equal(manifest.files.length, 1, "a library that the flags name is linked");
});

Deno.test("a pack.json that is wrong is refused with the reason", () => {
  const right = {
    name: "a",
    version: "1.0.0",
    description: "A",
    license: "MIT",
    templates: ["a.b"],
    build: { wasm: { language: "c", sources: ["a.c"] } },
  };
  const parse = (text: string) => parsePackFile(new TextEncoder().encode(text));
  assert.deepEqual(parse(JSON.stringify(right)).build, {
    wasm: { language: "c", sources: ["a.c"], flags: [] },
  });
  const refused = (change: object, reason: RegExp) =>
    assert.throws(
      () => parse(JSON.stringify({ ...right, ...change })),
      (error) => error instanceof BuildFailure && reason.test(error.message),
    );
  assert.throws(() => parse("{"), /not JSON/);
  refused({ name: "../a" }, /lower case/);
  refused({ version: "" }, /it has no version/);
  refused({ templates: "a" }, /"templates" is not a list/);
  refused({ build: { other: {} } }, /not a carrier/);
  refused({ build: { wasm: { language: "cobol" } } }, /none of c, rust, assemblyscript/);
  refused({ build: { native: { language: "assemblyscript", sources: ["a.ts"] } } }, /wasm only/);
  refused({ build: { wasm: { language: "c", sources: ["../../etc/passwd"] } } }, /outside the pack/);
  refused({ build: { wasm: { language: "c", sources: ["/etc/passwd"] } } }, /outside the pack/);
  refused({ build: { wasm: { language: "c" } } }, /no sources/);
});
