/** Loads the definitions of an app: imports its classes and the contracts generated for them. */
import { type Contract, DeclarationError, declarationOf } from "@denizen/macro";
import { checkGenerated, type GeneratedProcess, GenerateError } from "@denizen/macro/generate";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DenizenError, messageOf } from "../errors.ts";
import { define, exportedClass } from "../process/class_definition.ts";
import type { Definition } from "../process/definition.ts";

/**
 * Loads the definitions of one app: a module file, or a folder with the modules directly in it. Generate its
 * code first, with `denizen gen` or `generate` of `@denizen/macro/generate`.
 *
 * @throws {DenizenError} `app_unreadable`, `declaration` or `stale_contract`.
 */
export async function loadApp(app: string | URL): Promise<Definition[]> {
  const file = app instanceof URL || app.startsWith("file:") ? fileURLToPath(app) : path.resolve(app);
  const definitions: Definition[] = [];
  for (const process of await generatedProcesses(file)) definitions.push(await loadProcess(process));
  if (definitions.length === 0) {
    throw new DenizenError(
      "app_unreadable",
      `Cannot load the app as it exports no class with @process: ${file}`,
    );
  }
  return definitions;
}

async function generatedProcesses(file: string): Promise<readonly GeneratedProcess[]> {
  try {
    const state = await checkGenerated(file);
    if (!state.stale) return state.processes;
    const ofFolder = await processesOfFolder(file);
    if (ofFolder.length > 0) return ofFolder;
    throw new DenizenError(
      "stale_contract",
      `Cannot load the app ${file} as its generated code is stale, run "denizen gen": ${state.reason}`,
      { data: { app: file } },
    );
  } catch (cause) {
    if (cause instanceof DenizenError) throw cause;
    const reason = cause instanceof GenerateError ? cause.message : `it cannot be read: ${messageOf(cause)}`;
    throw new DenizenError("app_unreadable", `Cannot load the app ${file} as ${reason}`, { cause });
  }
}

/** A module in a generated folder needs no record of its own. */
async function processesOfFolder(file: string): Promise<readonly GeneratedProcess[]> {
  if (await isFolder(file)) return [];
  const state = await checkGenerated(path.dirname(file));
  return state.stale ? [] : state.processes.filter(({ source }) => source === file);
}

async function loadProcess({ className, source, module }: GeneratedProcess): Promise<Definition> {
  const exports = await importModule(source);
  const target = exportedClass(exports, className);
  if (target === undefined) {
    throw new DenizenError(
      "declaration",
      `Cannot host ${className} as ${
        path.basename(source)
      } does not export it with @process of this installation`,
    );
  }
  const { contract } = await importModule(module) as { contract: Contract };
  const { ui } = declarationOf(target)!.options;
  const folder = ui === undefined ? undefined : path.resolve(path.dirname(source), ui);
  if (folder !== undefined && !await isFolder(folder)) {
    throw new DenizenError(
      "declaration",
      `Cannot serve the ui of ${className} as it is no folder: ${folder}`,
    );
  }
  return define(target, contract, folder);
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    if (cause instanceof DeclarationError) throw new DenizenError("declaration", cause.message, { cause });
    throw new DenizenError(
      "app_unreadable",
      `Cannot load the app as ${path.basename(file)} does not load: ${messageOf(cause)}`,
      { cause },
    );
  }
}

async function isFolder(folder: string): Promise<boolean> {
  const info = await Deno.stat(folder).catch(() => undefined);
  return info?.isDirectory ?? false;
}
