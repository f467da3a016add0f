/** What `run` and `dev` have in common: their options, and getting from them to a node's process. */
import * as path from "node:path";
import { type App, readApp } from "./app_config.ts";
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

export const SERVE_NOTES = [
  "An app is a module or a folder. Its package, publisher and permissions stand in its nearest deno.json:\n" +
  '  "denizen": { "package": "shop", "publisher": "me.os", "permissions": { "net": ["api.example.com"] } }\n' +
  "The node may take its port, read its apps, keep its data, and do what they declare there; nothing else.",
  "Ctrl+C or SIGTERM lets running handlers finish, saves and stops; a second one stops at once. Once the node has\n" +
  "started, the same folder given to --data continues where it stopped, however it stopped.",
] as const;

export interface ServePlan {
  readonly apps: readonly App[];
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
      data: values.data === ":memory:" ? values.data : path.resolve(values.data ?? ".denizen"),
      name: values.name ?? "denizen",
      hostname: values.host ?? "127.0.0.1",
      port: readPort(values.port),
      origins: values.origins?.split(",").map((origin) => origin.trim()) ?? [],
      log,
    },
  };
}

/** Writes what the node's process needs to start. */
export async function prepareLaunch({ apps, options }: ServePlan): Promise<LaunchFile> {
  if (options.data !== ":memory:") await makeParent(options.data);
  const checkout = await findCheckout();
  const { hostname, port, data } = options;
  const installation = checkout?.folders ?? [];
  return await LaunchFile.write(apps, checkout, permissionsOf(apps, { hostname, port, data, installation }));
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
  const place = options.data === ":memory:"
    ? "State is kept in memory only and lost when the node stops."
    : `State is kept in ${shownPath(options.data)}.`;
  terminal.line(`\n${place} Ctrl+C stops the node.`);
}

/** As short as it can be without leading upward. */
export function shownPath(file: string): string {
  const relative = path.relative(Deno.cwd(), file);
  return relative === "" ? "." : relative.startsWith("..") ? file : relative;
}
