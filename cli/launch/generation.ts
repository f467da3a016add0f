/** Brings the generated code of apps up to date, or checks that it is. */
import { checkGenerated, generate, GenerateError, type GenerateResult } from "@denizen/macro/generate";
import { basename } from "node:path";
import type { App } from "./app_config.ts";
import { ExplainedError, type Explanation } from "../terminal/failure.ts";
import { updatePackModules } from "./pack_modules.ts";

interface AppGeneration extends GenerateResult {
  /** Why packs have no typed module, or an outdated one. */
  readonly packFailures: readonly Explanation[];
}

/**
 * Generates code for `apps`: first the typed modules of their packs, which their sources import, then that of
 * their classes.
 *
 * @throws {ExplainedError} with a line for each problem in their sources, or for each app without a process.
 */
export async function generateApps(apps: readonly App[]): Promise<AppGeneration> {
  const packs = await Promise.all(withRootsOnce(apps).map((app) => updatePackModules(app)));
  const result = await explained(() => generate({ apps: apps.map(({ file }) => file) }));
  const empty = apps.filter(({ file }) => !result.processes.some(({ app }) => app === file));
  if (empty.length === 0) {
    return {
      ...result,
      written: [...packs.flatMap(({ written }) => written), ...result.written],
      unchanged: [...packs.flatMap(({ unchanged }) => unchanged), ...result.unchanged],
      removed: [...packs.flatMap(({ removed }) => removed), ...result.removed],
      packFailures: packs.flatMap(({ failures }) => failures.map(({ explanation }) => explanation)),
    };
  }
  throw new ExplainedError({
    code: "app_unreadable",
    message: empty.map(({ file }) => `Cannot use the app as it exports no class with @process: ${file}`).join(
      "\n",
    ),
    hint:
      "an app is a module or a folder that contains its modules directly; deno check shows errors in them",
  });
}

/** Apps with the same `deno.json` have the same packs. */
function withRootsOnce(apps: readonly App[]): App[] {
  return [...new Map(apps.map((app) => [app.root, app])).values()];
}

interface StaleApp {
  readonly app: string;
  /** Names the first file that differs. */
  readonly reason: string;
}

/** The apps whose generated code is not up to date. Writes nothing. */
export function findStale(apps: readonly App[]): Promise<StaleApp[]> {
  return explained(async () => {
    const found: StaleApp[] = [];
    for (const { file } of apps) {
      const staleness = await checkGenerated(file);
      if (staleness.stale) found.push({ app: file, reason: staleness.reason });
    }
    for (const app of withRootsOnce(apps)) {
      const { written, removed } = await updatePackModules(app, { dryRun: true });
      const stale = [...written, ...removed].map((file) => `the module of a pack: ${basename(file)}`);
      if (stale.length > 0) found.push({ app: app.file, reason: stale[0]! });
    }
    return found;
  });
}

/** @throws {ExplainedError} `stale_contract` if the generated code of any of `apps` is not up to date. */
export async function requireGenerated(apps: readonly App[]): Promise<void> {
  const stale = await findStale(apps);
  if (stale.length === 0) return;
  throw new ExplainedError({
    code: "stale_contract",
    message: stale.map(({ app, reason }) => `Cannot run ${app} as its generated code is stale: ${reason}`)
      .join("\n"),
    hint: "run denizen gen, or omit --frozen",
  });
}

async function explained<T>(generation: () => Promise<T>): Promise<T> {
  try {
    return await generation();
  } catch (thrown) {
    if (!(thrown instanceof GenerateError)) throw thrown;
    throw new ExplainedError({ code: "generate", message: thrown.message });
  }
}
