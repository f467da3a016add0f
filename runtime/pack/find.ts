/** Finds packs: those that an app's `deno.json` names, and those that lie in folders of packs. */
import { basename, extname, join } from "node:path";
import { MANIFEST_FILE } from "./manifest.ts";
import { type PackRequest, parsePackSettings } from "./pack_settings.ts";

/** Files that a folder of packs may hold, beside folders with a manifest. */
const ENDINGS = [".pack", ".rflpack", ".wasm"];

export interface PackSources {
  /** The value of `denizen.packs` in the app's `deno.json`. */
  readonly settings?: unknown;
  /** Where that file stands. */
  readonly folder?: string;
  /** Folders of packs; one that is not there holds none. */
  readonly directories?: readonly string[];
  /** Packs by path. */
  readonly paths?: readonly string[];
}

/**
 * Packs by name. What the app's `deno.json` says of a name holds for that name wherever else it is found; other packs are not
 * trusted, and run in WebAssembly, in workers.
 *
 * @throws {DenizenError} `bad_option` with the field that is wrong.
 */
export async function findPacks(sources: PackSources): Promise<Map<string, PackRequest>> {
  const { settings, folder = ".", directories = [], paths = [] } = sources;
  const found = parsePackSettings(settings, folder);
  const add = (path: string) => {
    const name = basename(path, extname(path));
    if (!found.has(name)) found.set(name, { path });
  };
  paths.forEach(add);
  for (const directory of directories) (await packsIn(directory)).forEach(add);
  return found;
}

/** The paths of the packs in a folder, in the order of their names. */
async function packsIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
  const paths: string[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    if (await isPack(path)) paths.push(path);
  }
  return paths;
}

async function isPack(path: string): Promise<boolean> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (stat?.isFile) return ENDINGS.includes(extname(path));
  if (!stat?.isDirectory) return false;
  for (const manifest of [join(path, MANIFEST_FILE), join(path, "target", MANIFEST_FILE)]) {
    if ((await Deno.stat(manifest).catch(() => undefined))?.isFile) return true;
  }
  return false;
}
