/** Finds packs: those that an app's `deno.json` names, and those in folders of packs. */
import { MANIFEST_FILE } from "@denizen/pack-sdk";
import { basename, extname, join, resolve } from "node:path";
import { type PackIdentity, type PackRequest, parsePackSettings } from "./pack_settings.ts";

/** The extensions of packs in a folder of packs, next to folders with a manifest. */
const ENDINGS = [".pack", ".rflpack", ".wasm"];

export interface PackSources {
  /** The value of `denizen.packs` in the app's `deno.json`. */
  readonly settings?: unknown;
  /** The folder of that file. */
  readonly folder?: string;
  /**
   * The package and publisher of the processes that `settings` names. Default: package `packs` of `local`.
   */
  readonly identity?: PackIdentity;
  /** Folders of packs; a missing one counts as empty. */
  readonly directories?: readonly string[];
  /** Packs by path. */
  readonly paths?: readonly string[];
}

const DEFAULT_IDENTITY: PackIdentity = { package: "packs", publisher: "local" };

/**
 * Packs by name. The settings of a name in the app's `deno.json` apply to every pack of that name; other
 * packs are not trusted, and run as WebAssembly in workers. Packs found only in a folder are optional.
 *
 * @throws {DenizenError} `bad_option` with the field that is wrong.
 */
export async function findPacks(sources: PackSources): Promise<Map<string, PackRequest>> {
  const { settings, folder = ".", directories = [], paths = [], identity = DEFAULT_IDENTITY } = sources;
  const found = parsePackSettings(settings, folder, identity);
  const named = new Set([...found.values()].map(({ path }) => resolve(path)));
  const add = (path: string, optional: boolean) => {
    const name = basename(path, extname(path));
    if (found.has(name) || named.has(resolve(path))) return;
    found.set(name, optional ? { path, optional } : { path });
  };
  for (const path of paths) add(path, false);
  for (const directory of directories) for (const path of await packsIn(directory)) add(path, true);
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
