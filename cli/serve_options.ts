/** What `run` and `dev` have in common: their options, and getting from them to a node's process. */
import * as path from "node:path";
import { type App, readApp } from "./app_config.ts";
import { packsOf } from "./app_packs.ts";
import { type OptionValues, readPort } from "./command.ts";
import { ExplainedError, UsageError } from "./failure.ts";
import type { HostOptions, RunningNode } from "./host_protocol.ts";
import { findCheckout } from "./installation.ts";
import { LaunchFile } from "./launch_file.ts";
import { permissionsOf } from "./permissions.ts";
import type { Terminal } from "./terminal.ts";

export const SERVE_OPTIONS = {
  host: {
    type: "string",
    value: "<address>",
    help: "the address to listen on (default 127.0.0.1: this machine only)",
  },
  port: {
    type: "string",
    value: "<number>",
    help: "the port to listen on (default 8080; 0 takes any free one)",
  },
  data: {
    type: "string",
    value: "<folder>",
    help: "where state is kept (default ./.denizen; :memory: keeps none)",
  },
  name: { type: "string", value: "<name>", help: "what other nodes call this one (default denizen)" },
  origins: {
    type: "string",
    value: "<list>",
    help: "web origins, separated by commas, whose pages may write to the node too (default: none)",
  },
  log: { type: "string", value: "text|json", help: "how log lines look, on standard error (default text)" },
} as const;

/** The data folder that is none. */
const MEMORY = ":memory:";

export const SERVE_NOTES = [
  "An app is a module or a folder. Its package, publisher and permissions stand in its nearest deno.json:\n" +
  '  "denizen": { "package": "shop", "publisher": "me.os", "permissions": { "net": ["api.example.com"] } }\n' +
  "The node may take its port, read its apps, keep its data, and do what they declare there; nothing else.",
  "Packs are what denizen.packs of that file names, and what lies in the folder packs beside it. Native code needs its\n" +
  'word: "packs": { "hash": { "path": "./hash.pack", "native": true, "trusted": true } }; see denizen pack --help.',
  "Ctrl+C or SIGTERM lets running handlers finish, saves and stops; a second one stops at once. Once the node has\n" +
  "started, the same folder given to --data continues where it stopped, however it stopped.",
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
  values: OptionValues<typeof SERVE_OPTIONS>,
  files: readonly string[],
): Promise<ServePlan> {
  const log = values.log ?? "text";
  if (log !== "text" && log !== "json") {
    throw new UsageError(`Cannot log as --log is text or json: ${log}`);
  }
  const apps = await Promise.all(files.map(readApp));
  const twice = apps.find(({ file }, index) => apps.findIndex((other) => other.file === file) < index);
  if (twice) {
    throw new UsageError(`Cannot host an app twice as its processes would share an id: ${twice.file}`);
  }
  return {
    apps,
    options: {
      apps: apps.map(({ file }) => file),
      data: values.data === MEMORY ? values.data : path.resolve(values.data ?? ".denizen"),
      name: values.name ?? "denizen",
      hostname: values.host ?? "127.0.0.1",
      port: readPort(values.port),
      origins: values.origins?.split(",").map((origin) => origin.trim()) ?? [],
      packs: await packsOf(apps),
      log,
    },
  };
}

/** Writes what the node's process needs to start. */
export async function prepareLaunch({ apps, options }: ServePlan): Promise<Launch> {
  const { hostname, port, data, packs } = options;
  if (data !== MEMORY) await makeParent(data);
  const checkout = await findCheckout();
  const installation = checkout?.folders ?? [];
  const cacheIn = (folder: string) => path.join(data === MEMORY ? folder : data, "packs");
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

/** Tells that a node takes requests. */
export function announceReady(terminal: Terminal, node: RunningNode, { options }: ServePlan): void {
  const { name, url, port, pid, definitions } = node;
  const processes = definitions.map(({ id, name, keyed, paths }) => ({
    id,
    name,
    keyed,
    urls: paths.map((path) => url + path),
  }));
  terminal.object({ event: "ready", name, url, port, pid, processes });
  terminal.line(`\n${terminal.bold(`Node ${name}`)} is ready at ${terminal.bold(url)}\n`);
  const width = Math.max(...processes.map((process) => process.name.length));
  for (const process of processes) {
    terminal.line(`  ${process.name.padEnd(width)}  ${process.id}`);
    for (const url of process.urls) terminal.line(`  ${" ".repeat(width)}  ${terminal.dim(url)}`);
  }
  terminal.line(`\n  ${"All".padEnd(width)}  ${terminal.dim(`${url}/`)}`);
  const place = options.data === MEMORY
    ? "State is kept in memory only and lost when the node stops."
    : `State is kept in ${shownPath(options.data)}.`;
  terminal.line(`\n${place} Ctrl+C stops the node.`);
}

/** As short as it can be without leading upward. */
export function shownPath(file: string): string {
  const relative = path.relative(Deno.cwd(), file);
  return relative === "" ? "." : relative.startsWith("..") ? file : relative;
}
