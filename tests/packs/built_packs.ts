/** Packs that the tests really build, each once, and a table to load them into. */
import { buildPack } from "@denizen/pack-sdk/build";
import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError, type ErrorCode } from "../../runtime/errors.ts";
import { createLog, type LogLine } from "../../runtime/log.ts";
import type { PackRequest } from "../../runtime/pack/bundle/pack_settings.ts";
import { PackTable, type PackTableOptions } from "../../runtime/pack/pack_table.ts";
import { ROOT } from "../tidy/source_tree.ts";

let fixture: Promise<string> | undefined;

/** The folder of the fixture pack, built: a manifest, a library and a module. */
export function builtFixture(): Promise<string> {
  return fixture ??= (async () => {
    const target = join(ROOT, "packs/fixture/target/host_tests");
    const { skipped } = await buildPack(join(ROOT, "packs/fixture"), { target });
    assert.deepEqual(skipped, []);
    return target;
  })();
}

export async function fixtureModule(): Promise<string> {
  return join(await builtFixture(), "wasm/fixture.wasm");
}

export async function fixtureLibrary(): Promise<string> {
  return join(await builtFixture(), `lib/${Deno.build.target}/fixture.so`);
}

/** A folder that is removed with the test. */
export async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "packs-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Compiles C text to a library. */
export async function compileLibrary(folder: string, name: string, source: string): Promise<string> {
  const file = join(folder, `${name}.c`), path = join(folder, `${name}.so`);
  await Deno.writeTextFile(file, source);
  await runTool("cc", ["-shared", "-fPIC", "-O0", `-I${join(ROOT, "pack_sdk/c")}`, file, "-o", path]);
  return path;
}

/** Compiles C text to a WebAssembly module. */
export async function compileModule(
  folder: string,
  name: string,
  source: string,
  flags: readonly string[] = [],
): Promise<string> {
  const file = join(folder, `${name}.c`), path = join(folder, `${name}.wasm`);
  await Deno.writeTextFile(file, source);
  await runTool("clang", [
    "--target=wasm32",
    "-O0",
    "-ffreestanding",
    "-nostdlib",
    "-mbulk-memory",
    `-I${join(ROOT, "pack_sdk/c")}`,
    "-Wl,--no-entry",
    "-fvisibility=hidden",
    ...flags,
    file,
    "-o",
    path,
  ]);
  return path;
}

async function runTool(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

export interface Loaded extends AsyncDisposable {
  readonly packs: PackTable;
  readonly lines: LogLine[];
}

/** A table with these packs loaded. */
export async function loaded(
  requests: readonly PackRequest[],
  options: PackTableOptions = {},
): Promise<Loaded> {
  const lines: LogLine[] = [];
  const packs = new PackTable({ log: createLog((line) => void lines.push(line), () => 0), ...options });
  for (const request of requests) await packs.load(request);
  return { packs, lines, [Symbol.asyncDispose]: () => packs[Symbol.asyncDispose]() };
}

export async function rejects(
  promise: Promise<unknown>,
  code: ErrorCode,
  pattern: RegExp,
): Promise<DenizenError> {
  let caught: unknown;
  await promise.catch((error) => caught = error);
  assert.ok(caught instanceof DenizenError, caught instanceof Error ? caught.stack : "nothing was thrown");
  assert.equal(caught.code, code, caught.message);
  assert.match(caught.message, pattern);
  return caught;
}
