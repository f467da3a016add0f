/**
 * The record of an app's last generation: hashes of everything that was read and written, and the processes
 * found.
 */
import { dirname, join, relative } from "node:path";
import type { AppModules } from "../app_modules.ts";
import { CONTRACT_FORMAT } from "../../declare/contract.ts";
import { entriesOf } from "./generated_file.ts";

/** To be raised with every change of what the generator reads or writes. */
export const GENERATOR_VERSION = 6;

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

type RecordedProcess = Omit<GeneratedProcess, "app">;

/** Paths in the file are relative to its own folder, so that a checkout elsewhere is fresh too. */
export interface GenerationRecord {
  readonly version: string;
  readonly modules: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly absent: readonly string[];
  /** The generated files and their hashes. */
  readonly outputs: Readonly<Record<string, string>>;
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
  const parts = [record?.inputs, record?.absent, record?.modules, record?.outputs, record?.processes];
  return record?.version === VERSION && !parts.includes(undefined) ? record as GenerationRecord : undefined;
}

/** The generated files that the other records in `folder` name. */
export function outputsOfOthers(folder: string, own: string): Set<string> {
  const outputs = new Set<string>();
  for (const entry of entriesOf(folder)) {
    const file = join(folder, entry.name);
    if (!entry.name.endsWith("manifest.json") || file === own) continue;
    for (const output of Object.keys(readRecord(file)?.outputs ?? {})) outputs.add(join(folder, output));
  }
  return outputs;
}

/**
 * The files of the last generation, by any version; those before version 2 list the modules of processes
 * only.
 */
export function lastOutputs(app: AppModules): string[] {
  try {
    const { outputs, processes } = JSON.parse(Deno.readTextFileSync(app.manifest)) as GenerationRecord;
    const files = outputs ? Object.keys(outputs) : processes.map((process) => process.module);
    return files.map((file) => join(dirname(app.manifest), file));
  } catch {
    return [];
  }
}

/** The text of an app's record. */
export function recordText(
  app: AppModules,
  inputs: ReadonlyMap<string, string>,
  absent: readonly string[],
  outputs: ReadonlyMap<string, string>,
  processes: readonly GeneratedProcess[],
): string {
  const from = (file: string) => relative(dirname(app.manifest), file).replaceAll("\\", "/");
  const record: GenerationRecord = {
    version: VERSION,
    modules: app.modules.map(from),
    inputs: Object.fromEntries([...inputs].map(([file, hash]) => [from(file), hash])),
    absent: absent.map(from),
    outputs: Object.fromEntries([...outputs].map(([file, hash]) => [from(file), hash])),
    processes: processes.map(({ id, className, keyed, source, module }) => ({
      id,
      className,
      keyed,
      source: from(source),
      module: from(module),
    })),
  };
  return JSON.stringify(record, null, 2) + "\n";
}
