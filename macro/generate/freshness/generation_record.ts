/** The record of an app's last generation: hashes of everything that was read and written, and the processes found. */
import { dirname, join, relative } from "node:path";
import type { AppModules } from "../app_modules.ts";
import { CONTRACT_FORMAT } from "../../declare/contract.ts";

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

interface RecordedProcess extends Omit<GeneratedProcess, "app"> {
  /** Of the generated module. */
  readonly hash: string;
}

/** Paths in the file are relative to its own folder, so that a checkout elsewhere is as fresh. */
export interface GenerationRecord {
  readonly version: string;
  readonly modules: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly absent: readonly string[];
  readonly processes: readonly RecordedProcess[];
}

const VERSION = `${CONTRACT_FORMAT}.${GENERATOR_VERSION}`;

/** A record that this version of the generator wrote, or `undefined`. */
export function readRecord(file: string): GenerationRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Deno.readTextFileSync(file));
  } catch {
    return undefined;
  }
  const record = value as Partial<GenerationRecord> | null;
  return record?.version === VERSION && record.inputs && record.absent && record.modules && record.processes
    ? record as GenerationRecord
    : undefined;
}

/** The modules that the other records in `folder` name. */
export function modulesOfOthers(folder: string, own: string): Set<string> {
  const modules = new Set<string>();
  for (const entry of entriesOf(folder)) {
    const file = join(folder, entry.name);
    if (!entry.name.endsWith("manifest.json") || file === own) continue;
    for (const process of readRecord(file)?.processes ?? []) modules.add(join(folder, process.module));
  }
  return modules;
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The modules of the last generation, whatever version made it. */
export function lastModules(app: AppModules): string[] {
  try {
    const { processes } = JSON.parse(Deno.readTextFileSync(app.manifest)) as GenerationRecord;
    return processes.map((process) => join(dirname(app.manifest), process.module));
  } catch {
    return [];
  }
}

/** The text of an app's record. */
export function recordText(
  app: AppModules,
  inputs: ReadonlyMap<string, string>,
  absent: readonly string[],
  processes: readonly (GeneratedProcess & { readonly hash: string })[],
): string {
  const from = (file: string) => relative(dirname(app.manifest), file).replaceAll("\\", "/");
  const record: GenerationRecord = {
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
  return JSON.stringify(record, null, 2) + "\n";
}
