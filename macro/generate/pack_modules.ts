/** Generates the typed modules of packs. TypeScript is loaded only for a pack that has changed. */
import { join } from "node:path";
import { checkPlace, generatedFilesIn, removeGenerated, writeGenerated } from "./freshness/generated_file.ts";
import { packModuleName } from "./naming.ts";
import type { PackDescription } from "./pack_model.ts";

export interface PackModuleOptions {
  /** The absolute folder of the module. */
  readonly folder: string;
  /** What the app calls the pack. */
  readonly pack: string;
  readonly description: PackDescription;
  /** Writes nothing, and only reports whether it would. Default: false. */
  readonly dryRun?: boolean;
}

export interface PackModuleResult {
  readonly written: boolean;
  /** The types that are not plain data, for display: those ports are `unknown`. */
  readonly refused: readonly string[];
}

/** The path of the module of a pack. */
export function packModulePath(folder: string, pack: string): string {
  return join(folder, packModuleName(pack));
}

/**
 * Brings the module of one pack up to date.
 *
 * @throws {GenerateError} if a file that was not generated is in its place.
 */
export async function generatePackModule(options: PackModuleOptions): Promise<PackModuleResult> {
  const { folder, pack, description, dryRun } = options;
  const { emitPackModule, isUpToDate } = await import("./emit/typescript/pack_module.ts");
  const before = checkPlace(packModulePath(folder, pack), "pack types");
  if (before !== undefined && await isUpToDate(before, pack, description)) {
    return { written: false, refused: [] };
  }
  if (dryRun) return { written: true, refused: [] };
  const { readPack } = await import("./read/pack.ts");
  const { model, refused } = readPack(pack, folder, description);
  for (const { path, text } of await emitPackModule(model)) writeGenerated(path, text);
  return { written: true, refused };
}

/** The generated modules of packs in a folder, sorted. */
export function packModulesIn(folder: string): string[] {
  return generatedFilesIn(folder, "_pack.ts", "pack types");
}

/** Removes a generated module of a pack. */
export function removePackModule(file: string): void {
  removeGenerated(file, "pack types");
}
