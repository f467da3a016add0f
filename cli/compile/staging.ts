/**
 * Collects the parts of a compiled program in one folder: the apps and the runtime as one JavaScript module,
 * the modules of workers and child processes for packs, pages, packs and other files.
 */
import { cp } from "node:fs/promises";
import * as path from "node:path";
import type { GeneratedProcess } from "@denizen/macro/generate";
import type { PackRequest } from "@denizen/runtime";
import { bundlePack } from "@denizen/runtime/packs";
import type { App } from "../launch/app_config.ts";
import { ExplainedError, UsageError } from "../terminal/failure.ts";
import type { LaunchFile } from "../launch/launch_file.ts";
import { entryModule, probeModule } from "./entry_modules.ts";
import type { CompiledApp } from "./program.ts";
import { runDeno } from "./run_deno.ts";

export interface CompilePlan {
  readonly name: string;
  readonly apps: readonly App[];
  readonly processes: readonly GeneratedProcess[];
  readonly packs: readonly PackRequest[];
  readonly defaults: CompiledApp["defaults"];
  /** Relative to the folder of an app; they are at the same path relative to the module of the program. */
  readonly includes: readonly string[];
}

/** Modules next to `main.js`, and the modules of the runtime that they are bundled from. */
const SIDE_MODULES = {
  "wasm_worker.js": import.meta.resolve("../../runtime/pack/engine/wasm_worker.ts"),
  "native_child.js": import.meta.resolve("../../runtime/pack/engine/native_child.ts"),
} as const;

/**
 * Fills `folder`.
 *
 * @param launch the configuration with which the apps run on this machine.
 * @throws {ExplainedError} if a module cannot be loaded or bundled, or a file does not exist.
 */
export async function stageProgram(plan: CompilePlan, launch: LaunchFile, folder: string): Promise<void> {
  await stageIncludes(plan, folder);
  const pages = await stagePages(plan.processes, launch, folder);
  const packs = await stagePacks(plan.packs, folder);
  const processes = plan.processes.map((process, at) => ({ ...process, ui: pages[at] }));
  const entry = entryModule({ name: plan.name, processes, packs, defaults: plan.defaults });
  await bundle("main.js", entry, launch, folder);
  for (const [name, module] of Object.entries(SIDE_MODULES)) {
    await bundle(name, `import ${JSON.stringify(module)};\n`, launch, folder);
  }
}

/** Bundles a module with all its imports, except the generator, which a compiled program does not need. */
async function bundle(name: string, source: string, launch: LaunchFile, folder: string): Promise<void> {
  const entry = path.join(launch.folder, `${path.parse(name).name}_entry.ts`);
  await Deno.writeTextFile(entry, source);
  await runDeno("bundle the program", [
    ...["bundle", "--quiet", "--config", launch.file, "--platform", "deno", "--keep-names"],
    ...["--external", "typescript", "--output", path.join(folder, name), entry],
  ]);
}

/**
 * Copies the pages that the classes declare. Returns their paths in `folder`, in the order of the processes.
 */
async function stagePages(
  processes: readonly GeneratedProcess[],
  launch: LaunchFile,
  folder: string,
): Promise<(string | undefined)[]> {
  const probe = path.join(launch.folder, "probe.ts");
  await Deno.writeTextFile(probe, probeModule(processes));
  const output = await runDeno("load the apps", [
    ...["run", "--quiet", "--no-prompt", "--config", launch.file, "--permission-set=node", probe],
  ]);
  const declared = JSON.parse(output.trimEnd().split("\n").at(-1)!) as (string | null)[];
  const places: (string | undefined)[] = [];
  for (const [at, { source }] of processes.entries()) {
    const ui = declared[at];
    const place = ui === null || ui === undefined ? undefined : `ui/${at}`;
    if (place) await copyTo(path.resolve(path.dirname(source), ui!), path.join(folder, place));
    places.push(place);
  }
  return places;
}

/** Copies packs, folders as bundles. Returns requests with paths relative to `folder`. */
async function stagePacks(packs: readonly PackRequest[], folder: string): Promise<PackRequest[]> {
  await Deno.mkdir(path.join(folder, "packs"), { recursive: true });
  const staged: PackRequest[] = [];
  for (const [at, request] of packs.entries()) {
    const base = path.basename(request.path);
    const info = await Deno.stat(request.path).catch(() => undefined);
    const place = `packs/${at}_${base}${info?.isDirectory ? ".pack" : ""}`;
    if (info?.isDirectory) {
      const { bytes } = await bundlePack(request.path);
      await Deno.writeFile(path.join(folder, place), bytes);
    } else await copyTo(request.path, path.join(folder, place));
    staged.push({ ...request, path: place });
  }
  return staged;
}

async function stageIncludes({ apps, includes }: CompilePlan, folder: string): Promise<void> {
  for (const include of includes) {
    const roots = apps.map(({ root }) => root).filter((root, at, all) => all.indexOf(root) === at);
    let found = false;
    for (const root of roots) {
      const from = path.resolve(root, include);
      const inside = path.relative(root, from);
      if (inside.startsWith("..") || path.isAbsolute(inside)) continue;
      if (!await Deno.stat(from).then(() => true, () => false)) continue;
      await copyTo(from, path.join(folder, inside));
      found = true;
    }
    if (!found) throw new UsageError(`Cannot use --include as no app has such a file or folder: ${include}`);
  }
}

async function copyTo(from: string, to: string): Promise<void> {
  try {
    await cp(from, to, { recursive: true, dereference: true });
  } catch (cause) {
    throw new ExplainedError({
      code: "app_unreadable",
      message: `Cannot compile the app as a file cannot be copied: ${
        cause instanceof Error ? cause.message : cause
      }`,
    });
  }
}
