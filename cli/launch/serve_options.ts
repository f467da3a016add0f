/** The options of programs that host a node: `run`, `dev` and compiled programs. */
import * as path from "node:path";
import { type OptionValues, readList, readPort } from "../terminal/command.ts";
import { UsageError } from "../terminal/failure.ts";
import { isKvServer } from "@denizen/runtime/storage";
import type { HostOptions } from "./host_protocol.ts";

type Name = "host" | "port" | "data" | "name" | "origins" | "hosts" | "log";
/** Defaults of a program that differ from those of `denizen run`. */
export type ServeDefaults = Readonly<Partial<Record<Name, string>>>;

/** The options, with the defaults in their help. */
export function serveOptions(defaults: ServeDefaults = {}) {
  const { host = "127.0.0.1: this machine only", port = "8080", data = "./.denizen" } = defaults;
  const { name = "denizen", origins = "none", hosts = "none", log = "text" } = defaults;
  return {
    host: { type: "string", value: "<address>", help: `the address to listen on (default ${host})` },
    port: {
      type: "string",
      value: "<number>",
      help: `the port to listen on (default ${port}; 0 takes any free one)`,
    },
    data: {
      type: "string",
      value: "<folder|url>",
      help: `where state is stored: a folder, the URL of a Deno KV server, or :memory: (default ${data})`,
    },
    name: { type: "string", value: "<name>", help: `the name of the node (default ${name})` },
    origins: {
      type: "string",
      value: "<list>",
      help: `other web origins, separated by commas, whose pages may change state (default: ${origins})`,
    },
    hosts: {
      type: "string",
      value: "<list>",
      help:
        `host names, separated by commas, that the node answers to, such as *.example.com (default: ${hosts})`,
    },
    log: {
      type: "string",
      value: "text|json",
      help: `the format of the log on standard error (default ${log})`,
    },
  } as const;
}

/** The options of `run`, `dev` and `compile`. */
export const SERVE_OPTIONS = serveOptions();

/** The options of every command that starts a node. */
export const TAKE_OVER = {
  "take-over": {
    type: "boolean",
    help: "take over data on a KV server from the node that owns it",
  },
} as const;

/** The value of `--data` for storage in memory. */
export const MEMORY = ":memory:";

/** Whether `data` is a folder on this machine. */
export function isFolder(data: string): boolean {
  return data !== MEMORY && !isKvServer(data);
}

/** The options of the node itself. */
export type ServeOptions = Pick<
  HostOptions,
  "data" | "takeOver" | "name" | "hostname" | "port" | "origins" | "hosts" | "log"
>;

/** @throws {UsageError} */
export function readServeOptions(
  values: OptionValues<typeof SERVE_OPTIONS> & Partial<OptionValues<typeof TAKE_OVER>>,
): ServeOptions {
  const log = values.log ?? "text";
  if (log !== "text" && log !== "json") {
    throw new UsageError(`Cannot log as --log must be text or json: ${log}`);
  }
  const data = readData(values.data ?? ".denizen");
  const takeOver = values["take-over"] ?? false;
  if (takeOver && !isKvServer(data)) {
    throw new UsageError(
      `Cannot take over data as --data is not the URL of a KV server: ${data}`,
      "only one node can use a data folder: stop the other one",
    );
  }
  return {
    data,
    takeOver,
    name: values.name ?? "denizen",
    hostname: values.host ?? "127.0.0.1",
    port: readPort(values.port),
    origins: readList(values.origins),
    hosts: readList(values.hosts),
    log,
  };
}

function readData(data: string): string {
  if (data === MEMORY) return MEMORY;
  if (!isKvServer(data)) return path.resolve(data);
  if (URL.canParse(data)) return data;
  throw new UsageError(`Cannot store data as --data is not a valid URL: ${data}`);
}
