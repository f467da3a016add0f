/**
 * Generates the contract modules of apps. A run with nothing changed reads a few files and writes nothing;
 * TypeScript is loaded only when something changed.
 */
import { dirname, join } from "node:path";
import { type AppModules, findModules } from "./app_modules.ts";
import type { Emitter } from "./emitter.ts";
import { GenerateError, type GenerateIssue } from "./generate_error.ts";
import { checkPlace, removeGenerated, writeGenerated } from "./freshness/generated_file.ts";
import {
  type GeneratedProcess,
  lastOutputs,
  outputsOfOthers,
  recordText,
} from "./freshness/generation_record.ts";
import { hashesOf, hashOf } from "./freshness/hashes.ts";
import { readStaleness, type Staleness } from "./freshness/staleness.ts";
import type { ProcessModel } from "./model.ts";
import { generatedFolder, moduleName } from "./naming.ts";

export interface GenerateOptions {
  /** Module files, or folders whose `*.ts` are one app. */
  readonly apps: readonly string[];
  /** Called with a line for every file that is written or removed. Default: no output. */
  readonly log?: (line: string) => void;
}

/** Paths are absolute. */
export interface GenerateResult {
  readonly written: readonly string[];
  /** Files that were up to date; they are not touched, so that watchers do not wake up. */
  readonly unchanged: readonly string[];
  /** Files of classes that no longer exist. */
  readonly removed: readonly string[];
  readonly processes: readonly GeneratedProcess[];
}

/**
 * Brings the generated modules of apps up to date.
 *
 * @throws {GenerateError} with all problems of all apps. Apps without problems are up to date then.
 */
export async function generate(options: GenerateOptions): Promise<GenerateResult> {
  const result = { written: [] as string[], unchanged: [] as string[], removed: [] as string[] };
  const processes: GeneratedProcess[] = [];
  const issues: GenerateIssue[] = [];
  for (const path of new Set(options.apps)) {
    try {
      const app = findModules(path);
      const staleness = await readStaleness(app);
      if (!staleness.stale) result.unchanged.push(...staleness.outputs);
      processes.push(...staleness.stale ? await generateApp(app, result, options.log) : staleness.processes);
    } catch (error) {
      if (!(error instanceof GenerateError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new GenerateError(issues);
  return { ...result, processes };
}

/**
 * Whether the generated files of an app are up to date, and if so its processes. Neither loads TypeScript nor
 * writes anything.
 *
 * @throws {GenerateError} if there is no such app.
 */
export async function checkGenerated(app: string): Promise<Staleness> {
  return await readStaleness(findModules(app));
}

interface Changes {
  readonly written: string[];
  readonly unchanged: string[];
  readonly removed: string[];
}

async function generateApp(
  app: AppModules,
  changes: Changes,
  log: GenerateOptions["log"] = () => {},
): Promise<GeneratedProcess[]> {
  const { readApp } = await import("./read/read_app.ts");
  const emitters: Emitter<ProcessModel>[] = [
    (await import("./emit/typescript/module.ts")).emitModule,
    (await import("./emit/schema/process_schema.ts")).emitSchema,
  ];
  const model = await readApp(app.modules, app.folder);
  const emitted = model.processes.flatMap((process) => emitters.map((emit) => emit(process)));
  const files = (await Promise.all(emitted)).flat();
  for (const { path } of files) checkPlace(path, "gen");
  for (const { path, text } of files) {
    if (writeGenerated(path, text)) {
      changes.written.push(path);
      log(`wrote ${path}`);
    } else changes.unchanged.push(path);
  }
  removeStale(app, new Set(files.map(({ path }) => path)), changes, log);
  const processes = model.processes.map(({ id, className, keyed, source }) => {
    const module = join(generatedFolder(source), moduleName(className));
    return { app: app.path, id, className, keyed, source, module };
  });
  const hashes = await Promise.all(files.map(async ({ path, text }) => [path, await hashOf(text)] as const));
  const inputs = await hashesOf(model.files.found);
  const record = recordText(app, inputs, model.files.absent, new Map(hashes), processes);
  writeGenerated(app.manifest, record);
  return processes;
}

/** Removes the files of the last run that this run did not write and no other app has. */
function removeStale(
  app: AppModules,
  current: ReadonlySet<string>,
  changes: Changes,
  log: (line: string) => void,
): void {
  for (const file of lastOutputs(app)) {
    if (current.has(file) || outputsOfOthers(dirname(file), app.manifest).has(file)) continue;
    if (!removeGenerated(file, "gen")) continue;
    changes.removed.push(file);
    log(`removed ${file}`);
  }
}
