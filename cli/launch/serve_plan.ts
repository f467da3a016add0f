/** From the command line of `run` and `dev` to the configuration that a node's process is started with. */
import * as path from "node:path";
import { type App, readApp } from "./app_config.ts";
import { packsOf } from "./app_packs.ts";
import type { OptionValues } from "../terminal/command.ts";
import { ExplainedError, UsageError } from "../terminal/failure.ts";
import type { HostOptions } from "./host_protocol.ts";
import { findCheckout } from "./installation.ts";
import { LaunchFile } from "./launch_file.ts";
import { permissionsOf } from "./permissions.ts";
import { isFolder, readServeOptions, type SERVE_OPTIONS, type TAKE_OVER } from "./serve_options.ts";

export const SERVE_NOTES = [
  "An app is a module or a folder. Its package, publisher and permissions are in the nearest deno.json:\n" +
  '  "denizen": { "package": "shop", "publisher": "me.os", "permissions": { "net": ["api.example.com"] } }\n' +
  "The node may listen on its port, read its apps, read and write its data, and use the permissions declared there;\n" +
  "nothing else.",
  "Packs are those that denizen.packs of that file names and those in the folder packs next to it. Native code must be\n" +
  'allowed: "packs": { "hash": { "path": "./hash.pack", "native": true, "trusted": true } }; see denizen pack --help.',
  "Ctrl+C or SIGTERM lets running handlers finish, saves and stops; a second one stops at once. A node that is started\n" +
  "with the same data continues where the last one stopped, even after a crash.",
  "With --data https://…, state is stored on a Deno KV server; its access token is read from DENO_KV_ACCESS_TOKEN. One\n" +
  "node at a time owns the data there: a second one is refused, or with --take-over replaces the first, which stops.",
] as const;

export interface ServePlan {
  readonly apps: readonly App[];
  readonly options: Omit<HostOptions, "packCache">;
}

/** The configuration of a node's process. */
export interface Launch extends AsyncDisposable {
  readonly configFile: string;
  readonly options: HostOptions;
}

/** @throws {UsageError} */
export async function readServePlan(
  values: OptionValues<typeof SERVE_OPTIONS & typeof TAKE_OVER>,
  files: readonly string[],
): Promise<ServePlan> {
  const options = readServeOptions(values);
  const apps = await readApps(files);
  return {
    apps,
    options: { ...options, apps: apps.map(({ file }) => file), packs: await packsOf(apps) },
  };
}

/** @throws {UsageError} if an app does not exist or is named twice. */
export async function readApps(files: readonly string[]): Promise<App[]> {
  const apps = await Promise.all(files.map(readApp));
  const twice = apps.find(({ file }, index) => apps.findIndex((other) => other.file === file) < index);
  if (!twice) return apps;
  throw new UsageError(`Cannot host an app twice as its processes would have the same ids: ${twice.file}`);
}

/** Writes the configuration of the node's process. */
export async function prepareLaunch({ apps, options }: ServePlan): Promise<Launch> {
  const { hostname, port, data, packs } = options;
  if (isFolder(data)) await makeParent(data);
  const checkout = await findCheckout();
  const installation = checkout?.folders ?? [];
  const cacheIn = (folder: string) => path.join(isFolder(data) ? data : folder, "packs");
  const file = await LaunchFile.write(
    apps,
    checkout,
    (folder) =>
      permissionsOf(apps, { hostname, port, data, installation, packs, packCache: cacheIn(folder) }),
  );
  return {
    configFile: file.file,
    options: { ...options, packCache: cacheIn(file.folder) },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

/** The node may create its data folder but not the folders above. */
async function makeParent(folder: string): Promise<void> {
  try {
    await Deno.mkdir(path.dirname(folder), { recursive: true });
  } catch (cause) {
    throw new ExplainedError({
      code: "data_read_only",
      message: `Cannot create the data folder ${folder} as ${cause instanceof Error ? cause.message : cause}`,
      hint: "choose another folder with --data",
    });
  }
}
