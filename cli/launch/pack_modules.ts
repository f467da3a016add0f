/** Typed modules of the packs of an app, in `generated/` beside its `deno.json`. */
import type { PackRequest } from "@denizen/runtime";
import { describePack } from "@denizen/runtime/packs";
import * as path from "node:path";
import type { App } from "./app_config.ts";
import { packsByName } from "./app_packs.ts";
import { explain, ExplainedError, type Explanation } from "../terminal/failure.ts";
import { type DescribedPack, isUpToDate, moduleText, PACK_MODULE_HEADER } from "./module_text.ts";
import { writeFileWhole } from "./whole_file.ts";
import { moduleName } from "./template_names.ts";

/** Paths are absolute. */
export interface PackModules {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
  /** Types that are not plain data, or no types at all: those ports are `unknown`. */
  readonly refused: readonly string[];
  /** Packs whose module could not be made; one that was made before stays. */
  readonly failures: readonly { readonly pack: string; readonly explanation: Explanation }[];
}

/** Tells what a pack offers whose manifest does not; `undefined` if that cannot be told. */
export type Describe = (path: string, name: string) => Promise<DescribedPack | undefined>;

export interface UpdateOptions {
  /** Default: such a pack keeps the module it has, as nothing of it may be run. */
  readonly describe?: Describe;
  /** Only tells what would be written and removed. Default: false. */
  readonly dryRun?: boolean;
}

/** Brings the modules of an app's packs up to date, and removes those of packs that it has no more. */
export async function updatePackModules(app: App, options: UpdateOptions = {}): Promise<PackModules> {
  const changes: Changes = { written: [], unchanged: [], removed: [], refused: [], failures: [] };
  const folder = path.join(app.root, "generated");
  const requests = await packsByName(app);
  const wanted = new Map<string, string>();
  for (const [name, request] of requests) {
    const file = path.join(folder, moduleName(name));
    const other = wanted.get(file);
    try {
      if (other !== undefined) throw taken(file, name, other);
      wanted.set(file, name);
      await updateOne(file, name, request, changes, options);
    } catch (thrown) {
      changes.failures.push({ pack: name, explanation: explain(thrown) });
    }
  }
  for (const file of await packModulesIn(folder)) {
    if (wanted.has(file)) continue;
    if (!options.dryRun) await Deno.remove(file);
    changes.removed.push(file);
  }
  return changes;
}

/** Brings the module of one pack up to date, whatever app it belongs to. */
export async function updatePackModule(
  folder: string,
  name: string,
  request: Pick<PackRequest, "path">,
  describe: Describe,
): Promise<PackModules> {
  const changes: Changes = { written: [], unchanged: [], removed: [], refused: [], failures: [] };
  await updateOne(path.join(folder, moduleName(name)), name, request, changes, { describe });
  return changes;
}

type Changes = { readonly [Kind in keyof PackModules]: PackModules[Kind][number][] };

async function updateOne(
  file: string,
  name: string,
  request: Pick<PackRequest, "path">,
  changes: Changes,
  { describe, dryRun }: UpdateOptions,
): Promise<void> {
  const { templates, version = "", ...said } = await describePack(request.path);
  const described = templates ? { ...said, version, templates } : await describe?.(request.path, said.name);
  if (!described) return;
  const before = await readIfAny(file);
  if (before !== undefined && before.trim() !== "" && !before.startsWith(PACK_MODULE_HEADER)) {
    throw taken(file, name, "a file that was not generated");
  }
  if (before !== undefined && await isUpToDate(before, name, described)) {
    changes.unchanged.push(file);
    return;
  }
  changes.written.push(file);
  if (dryRun) return;
  const { text, refused } = await moduleText(name, described);
  await Deno.mkdir(path.dirname(file), { recursive: true });
  await writeFileWhole(file, new TextEncoder().encode(text));
  changes.refused.push(...refused);
}

function taken(file: string, name: string, other: string): ExplainedError {
  return new ExplainedError({
    code: "bad_option",
    message: `Cannot write the module of the pack ${name} as its place is taken by ${other}: ${file}`,
  });
}

async function packModulesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && name.endsWith("_pack.ts")) files.push(path.join(folder, name));
    }
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
  const ours = await Promise.all(
    files.map(async (file) => (await readIfAny(file))?.startsWith(PACK_MODULE_HEADER)),
  );
  return files.filter((_, at) => ours[at]).sort();
}

async function readIfAny(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}
