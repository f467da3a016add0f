/** The typed modules of the packs of an app, in `generated/` next to its `deno.json`. */
import {
  generatePackModule,
  type PackDescription,
  packModulePath,
  packModulesIn,
  removePackModule,
} from "@denizen/macro/generate";
import type { PackRequest } from "@denizen/runtime";
import { describePack } from "@denizen/runtime/packs";
import * as path from "node:path";
import type { App } from "./app_config.ts";
import { packsByName } from "./app_packs.ts";
import { explain, ExplainedError, type Explanation } from "../terminal/failure.ts";

/** Paths are absolute. */
export interface PackModules {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
  /** Types of ports that are not plain data or not TypeScript: those ports are `unknown`. */
  readonly refused: readonly string[];
  /** Packs whose module could not be generated; an existing one is kept. */
  readonly failures: readonly { readonly pack: string; readonly explanation: Explanation }[];
}

/** Describes a pack whose manifest has no templates; `undefined` if it cannot. */
type Describe = (path: string, name: string) => Promise<PackDescription | undefined>;

interface UpdateOptions {
  /** Default: a pack that its manifest does not describe keeps its module, as no code of packs is run. */
  readonly describe?: Describe;
  /** Only reports what would be written and removed. Default: false. */
  readonly dryRun?: boolean;
}

/** Brings the modules of an app's packs up to date and removes those of packs that it no longer has. */
export async function updatePackModules(app: App, options: UpdateOptions = {}): Promise<PackModules> {
  const changes: Changes = { written: [], unchanged: [], removed: [], refused: [], failures: [] };
  const folder = path.join(app.root, "generated");
  const requests = await packsByName(app);
  const wanted = new Map<string, string>();
  for (const [name, request] of requests) {
    const file = packModulePath(folder, name);
    const other = wanted.get(file);
    try {
      if (other !== undefined) {
        throw new ExplainedError({
          code: "bad_option",
          message:
            `Cannot write the module of the pack ${name} as it would replace that of ${other}: ${file}`,
        });
      }
      wanted.set(file, name);
      await updateOne(folder, name, request, changes, options);
    } catch (thrown) {
      changes.failures.push({ pack: name, explanation: explain(thrown) });
    }
  }
  for (const file of packModulesIn(folder)) {
    if (wanted.has(file)) continue;
    if (!options.dryRun) removePackModule(file);
    changes.removed.push(file);
  }
  return changes;
}

/** Brings the module of one pack up to date, which does not have to belong to an app. */
export async function updatePackModule(
  folder: string,
  name: string,
  request: Pick<PackRequest, "path">,
  describe: Describe,
): Promise<PackModules> {
  const changes: Changes = { written: [], unchanged: [], removed: [], refused: [], failures: [] };
  await updateOne(folder, name, request, changes, { describe });
  return changes;
}

type Changes = { readonly [Kind in keyof PackModules]: PackModules[Kind][number][] };

async function updateOne(
  folder: string,
  pack: string,
  request: Pick<PackRequest, "path">,
  changes: Changes,
  { describe, dryRun }: UpdateOptions,
): Promise<void> {
  const { templates, version = "", ...identity } = await describePack(request.path);
  const description = templates
    ? { ...identity, version, templates }
    : await describe?.(request.path, identity.name);
  if (!description) return;
  const { written, refused } = await generatePackModule({ folder, pack, description, dryRun });
  (written ? changes.written : changes.unchanged).push(packModulePath(folder, pack));
  changes.refused.push(...refused);
}
