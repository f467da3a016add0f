/** From the command line of `run` and `dev` to what a node's process is started with. */
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
  "An app is a module or a folder. Its package, publisher and permissions stand in its nearest deno.json:\n" +
  '  "denizen": { "package": "shop", "publisher": "me.os", "permissions": { "net": ["api.example.com"] } }\n' +
  "The node may take its port, read its apps, keep its data, and do what they declare there; nothing else.",
  "Packs are what denizen.packs of that file names, and what lies in the folder packs beside it. Native code needs its\n" +
  'word: "packs": { "hash": { "path": "./hash.pack", "native": true, "trusted": true } }; see denizen pack --help.',
  "Ctrl+C or SIGTERM lets running handlers finish, saves and stops; a second one stops at once. Once the node has\n" +
  "started, the same folder given to --data continues where it stopped, however it stopped.",
  "With --data https://… state is kept on a Deno KV server, whose access token is read from DENO_KV_ACCESS_TOKEN. One node owns\n" +
  "such data; another is refused while it runs, unless --take-over is given, which stops the first.",
] as const;

export interface ServePlan {
  readonly apps: readonly App[];
  readonly options: Omit<HostOptions, "packCache">;
}

/** What the node's process is started with. */
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

/** @throws {UsageError} if one is not there, or stands there twice. */
export async function readApps(files: readonly string[]): Promise<App[]> {
  const apps = await Promise.all(files.map(readApp));
  const twice = apps.find(({ file }, index) => apps.findIndex((other) => other.file === file) < index);
  if (!twice) return apps;
  throw new UsageError(`Cannot host an app twice as its processes would share an id: ${twice.file}`);
}

/** Writes what the node's process needs to start. */
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

/** The node makes its own data folder, but may write nowhere else. */
async function makeParent(folder: string): Promise<void> {
  try {
    await Deno.mkdir(path.dirname(folder), { recursive: true });
  } catch (cause) {
    throw new ExplainedError({
      code: "data_read_only",
      message: `Cannot make the data folder ${folder} as ${cause instanceof Error ? cause.message : cause}`,
      hint: "choose another folder with --data",
    });
  }
}
