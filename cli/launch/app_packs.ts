/** The packs of apps: what their `deno.json` names, and what lies in the folder `packs` beside it. */
import { packageNameOf, PUBLISHER_DEFAULT } from "@denizen/macro/generate";
import { findPacks, type PackIdentity, type PackRequest } from "@denizen/runtime";
import * as path from "node:path";
import type { App, AppConfig } from "./app_config.ts";

/** Where packs lie that no `deno.json` has to name. */
export const PACKS_FOLDER = "packs";

/**
 * The packs of one app by the name that its `deno.json` gives them, or else their file.
 *
 * @throws {DenizenError} `bad_option` with the field of `denizen.packs` that is wrong.
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
 * Every pack once. What some app's `deno.json` says of a file holds for that file.
 *
 * @throws {DenizenError} `bad_option` with the field of `denizen.packs` that is wrong.
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

/** The nearest `deno.json` that has a section of Denizen's. */
export function declaringConfig({ configs }: App): AppConfig | undefined {
  return configs.find(({ denizen }) => denizen !== undefined);
}

/** As the generator reads it, which says what is wrong with it. */
function identityOf(app: App): PackIdentity {
  const config = declaringConfig(app);
  const text = (value: unknown, other: string) => typeof value === "string" ? value : other;
  const folder = path.basename(config?.folder ?? app.root);
  return {
    package: text(config?.denizen?.package, packageNameOf(folder) || "app"),
    publisher: text(config?.denizen?.publisher, PUBLISHER_DEFAULT),
  };
}
