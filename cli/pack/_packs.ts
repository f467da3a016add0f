/** Packs for tests of the commands. */
import { buildPack } from "@denizen/pack-sdk/build";
import { bundlePack } from "@denizen/runtime/packs";
import assert from "node:assert/strict";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { denizen, type Finished, Folder } from "../_command_line.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const FIXTURE = fileURLToPath(new URL("../../packs/fixture", import.meta.url));
export const WASM = "wasm32-unknown-unknown";
/** Templates of the fixture that crash or block. */
export const WILD = "fixture.trap,fixture.segfault,fixture.loop,fixture.slow,fixture.grow";

let built: Promise<string> | undefined;

/** The folder of the fixture pack, built for both carriers. */
export function builtFixture(): Promise<string> {
  built ??= (async () => {
    const target = path.join(FIXTURE, "target/pack_commands");
    const { skipped } = await buildPack(FIXTURE, { target });
    assert.deepEqual(skipped, []);
    return target;
  })();
  return built;
}

export async function fixtureBundle(): Promise<Bytes> {
  return (await bundlePack(await builtFixture())).bytes;
}

/** A folder with `fixture.pack`, and other files. */
export async function folderWithBundle(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const folder = await Folder.with(files);
  await Deno.writeFile(folder.file("fixture.pack"), await fixtureBundle());
  return folder;
}

/** The objects that a command printed with `--json`. */
export function eventsOf({ out }: Finished): Record<string, unknown>[] {
  return out.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Runs a command that must fail with a message and without a stack. */
export async function fails(
  args: readonly string[],
  cwd: string,
  code: number,
  message: RegExp,
): Promise<Finished> {
  const finished = await denizen(args, { cwd });
  assert.equal(finished.code, code, `${args.join(" ")}: ${finished.out}${finished.err}`);
  assert.match(finished.err, message);
  assert.doesNotMatch(finished.err, /\n\s+at |bug in Denizen/, "no stack for an error of the user");
  return finished;
}

/** Runs a command that must succeed. */
export async function succeeds(args: readonly string[], cwd: string): Promise<Finished> {
  const finished = await denizen(args, { cwd });
  assert.equal(finished.code, 0, `${args.join(" ")}: ${finished.out}${finished.err}`);
  assert.equal(finished.err, "");
  return finished;
}
