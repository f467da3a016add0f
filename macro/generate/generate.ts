/**
 * Generates the contract modules of apps. A run with nothing changed reads a few files and writes nothing; TypeScript is
 * loaded only when something changed.
 */
import { basename, dirname, join } from "node:path";
import { type AppModules, findModules } from "./app_modules.ts";
import * as codec from "../codec/mod.ts";
import { CONTRACT_FORMAT } from "../declare/contract.ts";
import { GenerateError, type GenerateIssue } from "./generate_error.ts";
import { checkPlace, removeModule, writeModule, writeRecord } from "./freshness/generated_file.ts";
import {
  type GeneratedProcess,
  GENERATOR_VERSION,
  lastModules,
  modulesOfOthers,
  recordText,
} from "./freshness/generation_record.ts";
import { hashesOf, hashOf } from "./freshness/hashes.ts";
import { readStaleness, type Staleness } from "./freshness/staleness.ts";
import type { ProcessModel } from "./model.ts";
import { generatedFolder, moduleName } from "./naming.ts";

export interface GenerateOptions {
  /** Module files, or folders whose `*.ts` are one app. */
  readonly apps: readonly string[];
  /** Called with a line for every file that is written or removed. Default: nothing is said. */
  readonly log?: (line: string) => void;
}

/** Paths are absolute. */
export interface GenerateResult {
  readonly written: readonly string[];
  /** Modules that were right already; their times are kept, so nothing that watches them wakes up. */
  readonly unchanged: readonly string[];
  /** Modules of classes that are no longer there. */
  readonly removed: readonly string[];
  readonly processes: readonly GeneratedProcess[];
}

/**
 * Brings the generated modules of apps up to date.
 *
 * @throws {GenerateError} with everything that is wrong in all of the apps; those without a mistake are up to date then.
 */
export async function generate(options: GenerateOptions): Promise<GenerateResult> {
  const result = { written: [] as string[], unchanged: [] as string[], removed: [] as string[] };
  const processes: GeneratedProcess[] = [];
  const issues: GenerateIssue[] = [];
  for (const path of new Set(options.apps)) {
    try {
      const app = findModules(path);
      const staleness = await readStaleness(app);
      if (!staleness.stale) result.unchanged.push(...staleness.processes.map((process) => process.module));
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
 * Tells, without TypeScript and without writing, whether the generated modules of an app are up to date, and if so what they
 * are.
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
  const { moduleText } = await import("./emit/typescript/module.ts");
  const model = readApp(app.modules, app.folder);
  const inputs = await hashesOf(model.files.found);
  const generated = await Promise.all(model.processes.map(async (process) => {
    const { id, className, keyed, source } = process;
    const module = join(generatedFolder(source), moduleName(className));
    checkPlace(module);
    const text = moduleText(process, await digestOf(process, inputs), Object.keys(codec));
    return { app: app.path, id, className, keyed, source, module, text, hash: await hashOf(text) };
  }));
  for (const { module, text } of generated) {
    if (writeModule(module, text)) {
      changes.written.push(module);
      log(`wrote ${module}`);
    } else changes.unchanged.push(module);
  }
  removeStale(app, generated, changes, log);
  writeRecord(app.manifest, recordText(app, inputs, model.files.absent, generated));
  return generated.map(({ hash: _hash, text: _text, ...process }) => process);
}

/** Changes when something changes that the contract was made from. */
function digestOf(process: ProcessModel, inputs: ReadonlyMap<string, string>): Promise<string> {
  const folder = dirname(process.source);
  const files = process.sources.map((file) =>
    `${file.startsWith(folder) ? file.slice(folder.length) : basename(file)} ${inputs.get(file)}`
  );
  return hashOf([`${CONTRACT_FORMAT}.${GENERATOR_VERSION}`, process.id, ...files].join("\n"));
}

/** Removes the modules that the last run wrote and nothing accounts for any more. */
function removeStale(
  app: AppModules,
  generated: readonly GeneratedProcess[],
  changes: Changes,
  log: (line: string) => void,
): void {
  const current = new Set(generated.map((process) => process.module));
  for (const module of lastModules(app)) {
    if (current.has(module) || modulesOfOthers(dirname(module), app.manifest).has(module)) continue;
    if (!removeModule(module)) continue;
    changes.removed.push(module);
    log(`removed ${module}`);
  }
}
