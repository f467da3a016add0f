/**
 * The record of an app's last generation: hashes of everything that went in and came out. It tells, in a few file reads and
 * without TypeScript, whether a run would change anything.
 */
import { basename, dirname, join, relative } from "node:path";
import type { AppModules } from "./app_modules.ts";
import { CONTRACT_FORMAT } from "../declare/contract.ts";

/** Goes up with every change of what the generator reads or writes. */
export const GENERATOR_VERSION = 1;

/** A process with its generated module. Paths are absolute. */
export interface GeneratedProcess {
  /** The app it was found in, as a path. */
  readonly app: string;
  readonly id: string;
  readonly className: string;
  readonly keyed: boolean;
  /** The file that declares the class. */
  readonly source: string;
  /** The generated module. */
  readonly module: string;
}

interface ManifestProcess extends Omit<GeneratedProcess, "app"> {
  /** Of the generated module. */
  readonly hash: string;
}

/** Paths in the file are relative to its own folder, so a checkout elsewhere is as fresh. */
interface Manifest {
  readonly version: string;
  readonly modules: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly absent: readonly string[];
  readonly processes: readonly ManifestProcess[];
}

const VERSION = `${CONTRACT_FORMAT}.${GENERATOR_VERSION}`;

export type Staleness =
  | { readonly stale: false; readonly processes: readonly GeneratedProcess[] }
  /** `reason` names the first file that differs. */
  | { readonly stale: true; readonly reason: string };

/** SHA-256, in hex. */
export async function hashOf(content: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

export async function hashesOf(
  contents: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<Map<string, string>> {
  const hashes = await Promise.all([...contents].map(([file, content]) => hashOfInput(file, content)));
  return new Map([...contents.keys()].map((file, at) => [file, hashes[at]!]));
}

/** Of a `deno.json`, only what the generator reads counts: another task or format makes nothing stale. */
function hashOfInput(file: string, content: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!/^deno\.jsonc?$/.test(basename(file))) return hashOf(content);
  try {
    const { denizen, imports } = JSON.parse(new TextDecoder().decode(content));
    return hashOf(JSON.stringify({ denizen, imports }));
  } catch {
    // With comments in it, or broken.
    return hashOf(content);
  }
}

/** Stands for the hash of a file that this program may not read; it counts as unchanged. */
const HIDDEN = "hidden";

/** The hash of a file as it is now, or `undefined` if there is none. */
async function hashOfFile(file: string): Promise<string | undefined> {
  try {
    return await hashOfInput(file, await Deno.readFile(file));
  } catch (error) {
    const { NotFound, IsADirectory, NotADirectory, NotCapable } = Deno.errors;
    if ([NotFound, IsADirectory, NotADirectory].some((type) => error instanceof type)) return undefined;
    if (error instanceof NotCapable) return HIDDEN;
    throw error;
  }
}

/** A file that may not be looked at (a node reads its app's folder, not the configuration above it) counts as not there. */
function exists(file: string): boolean {
  try {
    Deno.statSync(file);
    return true;
  } catch (error) {
    const { NotFound, NotADirectory, NotCapable } = Deno.errors;
    if ([NotFound, NotADirectory, NotCapable].some((type) => error instanceof type)) return false;
    throw error;
  }
}

function readManifest(file: string): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Deno.readTextFileSync(file));
  } catch {
    return undefined;
  }
  const manifest = value as Partial<Manifest> | null;
  return manifest?.version === VERSION && manifest.inputs && manifest.absent && manifest.modules &&
      manifest.processes
    ? manifest as Manifest
    : undefined;
}

/** Compares an app with the record of its last generation. */
export async function readStaleness(app: AppModules): Promise<Staleness> {
  const manifest = readManifest(app.manifest);
  if (manifest === undefined) {
    return { stale: true, reason: "it was not generated yet, or by another version" };
  }
  const folder = dirname(app.manifest);
  const modules = new Set(manifest.modules.map((module) => join(folder, module)));
  const added = app.modules.find((module) => !modules.has(module));
  if (added !== undefined) return { stale: true, reason: `${relative(app.folder, added)} is new` };
  const appeared = manifest.absent.find((file) => exists(join(folder, file)));
  if (appeared !== undefined) {
    return { stale: true, reason: `${relative(app.folder, join(folder, appeared))} is new` };
  }
  const expected = [
    ...Object.entries(manifest.inputs),
    ...manifest.processes.map((process) => [process.module, process.hash] as const),
  ].map(([file, hash]) => [join(folder, file), hash] as const);
  const hashes = await Promise.all(expected.map(([file]) => hashOfFile(file)));
  const at = expected.findIndex(([, hash], at) => hashes[at] !== hash && hashes[at] !== HIDDEN);
  if (at !== -1) {
    const verb = hashes[at] === undefined ? "is gone" : "has changed";
    return { stale: true, reason: `${relative(app.folder, expected[at]![0])} ${verb}` };
  }
  const processes = manifest.processes.map(({ hash: _hash, ...process }) => ({
    ...process,
    app: app.path,
    source: join(folder, process.source),
    module: join(folder, process.module),
  }));
  return { stale: false, processes };
}

/** The modules that the records in `folder` name, `except` that of one app. */
export function modulesOfOthers(folder: string, except: string): Set<string> {
  const modules = new Set<string>();
  if (!exists(folder)) return modules;
  for (const entry of Deno.readDirSync(folder)) {
    const file = join(folder, entry.name);
    if (!entry.name.endsWith("manifest.json") || file === except) continue;
    for (const process of readManifest(file)?.processes ?? []) modules.add(join(folder, process.module));
  }
  return modules;
}

/** The modules of the last generation, whatever version made it. */
export function lastModules(app: AppModules): string[] {
  try {
    const { processes } = JSON.parse(Deno.readTextFileSync(app.manifest)) as Manifest;
    return processes.map((process) => join(dirname(app.manifest), process.module));
  } catch {
    return [];
  }
}

/** The text of an app's record. */
export function manifestText(
  app: AppModules,
  inputs: ReadonlyMap<string, string>,
  absent: readonly string[],
  processes: readonly (GeneratedProcess & { readonly hash: string })[],
): string {
  const from = (file: string) => relative(dirname(app.manifest), file).replaceAll("\\", "/");
  const manifest: Manifest = {
    version: VERSION,
    modules: app.modules.map(from),
    inputs: Object.fromEntries([...inputs].map(([file, hash]) => [from(file), hash])),
    absent: absent.map(from),
    processes: processes.map(({ id, className, keyed, source, module, hash }) => ({
      id,
      className,
      keyed,
      source: from(source),
      module: from(module),
      hash,
    })),
  };
  return JSON.stringify(manifest, null, 2) + "\n";
}
