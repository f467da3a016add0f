/** Checks, without TypeScript, whether generating an app again would change anything. */
import { dirname, join, relative } from "node:path";
import type { AppModules } from "../app_modules.ts";
import { type GeneratedProcess, type GenerationRecord, readRecord } from "./generation_record.ts";
import { hashOfFile, HIDDEN } from "./hashes.ts";

export type Staleness =
  | {
    readonly stale: false;
    readonly processes: readonly GeneratedProcess[];
    /** Every generated file, as absolute paths. */
    readonly outputs: readonly string[];
  }
  /** `reason` names the first file that differs. */
  | { readonly stale: true; readonly reason: string };

/** Compares an app with the record of its last generation. */
export async function readStaleness(app: AppModules): Promise<Staleness> {
  const record = readRecord(app.manifest);
  if (record === undefined) {
    return { stale: true, reason: "it was not generated yet, or by another version" };
  }
  const reason = newFile(app, record) ?? await changedFile(app, record);
  if (reason !== undefined) return { stale: true, reason };
  const folder = dirname(app.manifest);
  const processes = record.processes.map((process) => ({
    ...process,
    app: app.path,
    source: join(folder, process.source),
    module: join(folder, process.module),
  }));
  const outputs = Object.keys(record.outputs).map((file) => join(folder, file));
  return { stale: false, processes, outputs };
}

function newFile(app: AppModules, record: GenerationRecord): string | undefined {
  const folder = dirname(app.manifest);
  const modules = new Set(record.modules.map((module) => join(folder, module)));
  const added = app.modules.find((module) => !modules.has(module)) ??
    record.absent.map((file) => join(folder, file)).find(exists);
  return added && `${relative(app.folder, added)} is new`;
}

async function changedFile(app: AppModules, record: GenerationRecord): Promise<string | undefined> {
  const folder = dirname(app.manifest);
  const expected = [...Object.entries(record.inputs), ...Object.entries(record.outputs)]
    .map(([file, hash]) => [join(folder, file), hash] as const);
  const hashes = await Promise.all(expected.map(([file]) => hashOfFile(file)));
  const at = expected.findIndex(([, hash], at) => hashes[at] !== hash && hashes[at] !== HIDDEN);
  if (at === -1) return undefined;
  const verb = hashes[at] === undefined ? "is gone" : "has changed";
  return `${relative(app.folder, expected[at]![0])} ${verb}`;
}

/** Without permission a file counts as absent: a node may not read the configuration above its app. */
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
