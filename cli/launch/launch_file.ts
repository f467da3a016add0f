/**
 * The configuration of the node's process: a `deno.json` in a temporary folder, merged from those of the apps
 * and of this installation. Each app keeps its own import map, so that apps with different versions of a
 * library can share a node.
 */
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { App, AppConfig } from "./app_config.ts";
import { type Checkout, PUBLIC_MODULES } from "./installation.ts";
import type { PermissionSet } from "./permissions.ts";

type Imports = Record<string, string>;

interface LaunchConfig {
  readonly imports: Imports;
  readonly scopes: Record<string, Imports>;
  readonly unstable: readonly string[];
  readonly nodeModulesDir: "none";
  readonly lock: { readonly path: string };
  readonly compilerOptions: Record<string, unknown>;
  readonly permissions: { readonly node: PermissionSet };
}

export class LaunchFile implements AsyncDisposable {
  private constructor(
    readonly file: string,
    /** For files that the node's process needs only while it runs. */
    readonly folder: string,
  ) {}

  /** @param permissions gives the permissions of the node's process, for its temporary folder. */
  static async write(
    apps: readonly App[],
    checkout: Checkout | undefined,
    permissions: (folder: string) => PermissionSet,
  ): Promise<LaunchFile> {
    const folder = await Deno.makeTempDir({ prefix: "denizen-" });
    const file = path.join(folder, "deno.json");
    const config = launchConfig(apps, checkout, permissions(folder));
    await Deno.writeTextFile(file, JSON.stringify(config, null, 2));
    await Deno.writeTextFile(
      path.join(folder, config.lock.path),
      JSON.stringify(await mergedLock(apps, checkout)),
    );
    return new LaunchFile(file, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true }).catch(() => {});
  }
}

export function launchConfig(
  apps: readonly App[],
  checkout: Checkout | undefined,
  permissions: PermissionSet,
): LaunchConfig {
  const scopes: Record<string, Imports> = {};
  const configs = new Map(apps.flatMap((app) => app.configs).map((config) => [config.file, config]));
  for (const config of configs.values()) addScopes(scopes, config);
  if (checkout) scopes[folderUrl(checkout.root)] = { ...checkout.imports };
  return {
    imports: { ...PUBLIC_MODULES },
    scopes,
    unstable: ["kv"],
    nodeModulesDir: "none",
    lock: { path: "deno.lock" },
    compilerOptions: jsxOptions(apps),
    permissions: { node: permissions },
  };
}

function addScopes(scopes: Record<string, Imports>, { folder, imports, scopes: inner }: AppConfig): void {
  const base = folderUrl(folder);
  const resolve = (text: string) => /^\.{0,2}\//.test(text) ? new URL(text, base).href : text;
  const resolveAll = (map: Readonly<Imports>) => {
    const own = Object.entries(map).filter(([name]) => !(name in PUBLIC_MODULES));
    return Object.fromEntries(own.map(([name, target]) => [resolve(name), resolve(target)]));
  };
  scopes[base] = { ...resolveAll(imports), ...scopes[base] };
  for (const [prefix, map] of Object.entries(inner)) {
    const scope = resolve(prefix);
    scopes[scope] = { ...scopes[scope], ...resolveAll(map) };
  }
}

function folderUrl(folder: string): string {
  return pathToFileURL(folder).href + "/";
}

/**
 * The JSX options of the first app that has some. Options for decorators are ignored: they are always the
 * standard ones.
 */
function jsxOptions(apps: readonly App[]): Record<string, unknown> {
  for (const { compilerOptions } of apps.flatMap((app) => app.configs)) {
    const own = Object.entries(compilerOptions).filter(([name]) => name.startsWith("jsx"));
    if (own.length > 0) return Object.fromEntries(own);
  }
  return {};
}

interface Lock {
  readonly version: string;
  [section: string]: unknown;
}

/** Merges the lockfiles of the apps and of this installation; where they disagree, the first app wins. */
async function mergedLock(apps: readonly App[], checkout: Checkout | undefined): Promise<Lock> {
  const folders = new Set(apps.flatMap((app) => [app.root, ...app.configs.map(({ folder }) => folder)]));
  if (checkout) folders.add(checkout.root);
  const merged: Lock = { version: "5" };
  for (const folder of folders) {
    const lock = await readLock(path.join(folder, "deno.lock"));
    if (lock?.version !== merged.version) continue;
    for (const section of ["specifiers", "jsr", "npm", "redirects", "remote"]) {
      if (lock[section]) merged[section] = { ...lock[section], ...merged[section] ?? {} };
    }
  }
  return merged;
}

async function readLock(file: string): Promise<Lock | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch {
    return undefined;
  }
}
