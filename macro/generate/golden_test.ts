/**
 * Sources and the code generated from them, side by side under `testdata/`. After a wanted change of the
 * output run `UPDATE=1 deno test -A macro/generate/golden_test.ts`, raise `GENERATOR_VERSION`, and read the
 * difference.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { generate, type GenerateResult } from "./mod.ts";

const TESTDATA = new URL("testdata/", import.meta.url);
const CASES = ["counter", "todo_list", "socket", "recursive"];
const UPDATE = Deno.env.has("UPDATE");

/** A copy of a case in `root`, generated. */
async function generated(name: string, root = Deno.makeTempDirSync()): Promise<GenerateResult> {
  const folder = join(root, name);
  Deno.mkdirSync(folder);
  const source = new URL(`${name}/`, TESTDATA);
  for (const { name: file } of Deno.readDirSync(source)) {
    if (!file.startsWith("expected.")) Deno.copyFileSync(new URL(file, source), join(folder, file));
  }
  Deno.writeTextFileSync(join(root, "deno.json"), configuration());
  return await generate({ apps: [join(folder, "input.ts")] });
}

/** What an app outside of this repository has: its identity, strict checks, and a map to the packages. */
function configuration(): string {
  const root = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
  return JSON.stringify({
    denizen: { package: "golden", publisher: "tests.os" },
    compilerOptions: root.compilerOptions,
    imports: {
      "@denizen/macro": import.meta.resolve("../mod.ts"),
      "@denizen/macro/codec": import.meta.resolve("../codec/mod.ts"),
      "@denizen/runtime": "./runtime.ts",
    },
  });
}

/** As much of the runtime as generated code and the cases name. */
const RUNTIME = `import type { HandlerContract } from "@denizen/macro";
export interface CallOptions { timeoutMs?: number }
export type SendResult<T> = { status: "Success"; value: T } | { status: "Failed" };
export interface Caller {
  call<T>(target: string, handler: HandlerContract, args: readonly unknown[], options?: CallOptions): Promise<SendResult<T>>;
}
export interface Context extends Caller {}
export interface WsEvent {}
export function keyedId(id: string, key: string): string {
  return id.replace(":", "." + key + ":");
}
`;

const AUDIT = `import type { Caller, SendResult } from "@denizen/runtime";
export function localRpc(caller: Caller): { opened(): Promise<SendResult<void>> } {
  return { opened: () => caller.call("audit:golden:tests.os", null as never, []) };
}
`;

for (const name of CASES) {
  Deno.test(`the ${name} case gives the expected module and schema`, async () => {
    const { module } = (await generated(name)).processes[0]!;
    for (const ending of ["ts", "schema.json"]) {
      const text = Deno.readTextFileSync(module.replace(/ts$/, ending));
      const file = new URL(`${name}/expected.${ending}`, TESTDATA);
      if (UPDATE) Deno.writeTextFileSync(file, text);
      assert.equal(text, Deno.readTextFileSync(file), "the output has changed; see the head of this file");
    }
  });
}

Deno.test("generated modules pass the strictest type check", async () => {
  const root = Deno.makeTempDirSync();
  const modules: string[] = [];
  for (const name of [...CASES, "every_type"]) {
    const { processes } = await generated(name, root);
    modules.push(...processes.map((process) => process.module));
  }
  Deno.writeTextFileSync(join(root, "runtime.ts"), RUNTIME);
  Deno.writeTextFileSync(join(root, "todo_list", "generated", "audit.ts"), AUDIT);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--config", join(root, "deno.json"), ...modules],
    cwd: root,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});

Deno.test("two runs over one source give the same bytes, in any folder", async () => {
  for (const name of [...CASES, "every_type"]) {
    const files = [await generated(name), await generated(name)].map((result) => result.processes[0]!.module);
    assert.notEqual(files[0], files[1]);
    for (const ending of ["ts", "schema.json"]) {
      const [one, two] = files.map((file) => Deno.readTextFileSync(file.replace(/ts$/, ending)));
      assert.equal(one, two);
    }
  }
});
