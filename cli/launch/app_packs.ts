/** The packs of apps: those that `deno.json` names, and those in the folder `packs` next to it. */
import { packageNameOf, PUBLISHER_DEFAULT } from "@denizen/macro/generate";
import { findPacks, type PackIdentity, type PackRequest } from "@denizen/runtime";
import * as path from "node:path";
import type { App, AppConfig } from "./app_config.ts";

/** Packs in this folder of an app do not have to be named in its `deno.json`. */
export const PACKS_FOLDER = "packs";

/**
 * The packs of one app by name: the name in its `deno.json`, or else that of the file.
 *
 * @throws {DenizenError} `bad_option` with the wrong field of `denizen.packs`.
 */
export async function packsByName(app: App): Promise<Map<string, PackRequest>> {
  const config = declaringConfig(app);
  return await findPacks({
    settings: config?.denizen?.packs,
    folder: config?.folder,
    identity: identityOf(app),
    directories: [path.join(app.root, PACKS_FOLDER)],
  });
}

/**
 * The packs of several apps, each once. If any app's `deno.json` has settings for a file, they apply.
 *
 * @throws {DenizenError} `bad_option` with the wrong field of `denizen.packs`.
 */
export async function packsOf(apps: readonly App[]): Promise<PackRequest[]> {
  const requests: PackRequest[] = [];
  const configs = new Map(apps.map((app) => [declaringConfig(app)?.file ?? app.root, app]));
  for (const app of configs.values()) {
    requests.push(...(await packsByName(app)).values());
  }
  const named = new Set(requests.filter(({ optional }) => !optional).map(({ path }) => path));
  return requests.filter((request) => !request.optional || !named.has(request.path));
}

/** The nearest `deno.json` that has a section `denizen`. */
export function declaringConfig({ configs }: App): AppConfig | undefined {
  return configs.find(({ denizen }) => denizen !== undefined);
}

/**
 * The package and publisher as the generator reads them. Invalid ones are replaced here; the generator
 * reports them.
 */
function identityOf(app: App): PackIdentity {
  const config = declaringConfig(app);
  const text = (value: unknown, other: string) => typeof value === "string" ? value : other;
  const folder = path.basename(config?.folder ?? app.root);
  return {
    package: text(config?.denizen?.package, packageNameOf(folder) || "app"),
    publisher: text(config?.denizen?.publisher, PUBLISHER_DEFAULT),
  };
}
