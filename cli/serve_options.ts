/** The options of whatever hosts a node: `run`, `dev` and compiled programs. */
import * as path from "node:path";
import { type OptionValues, readPort } from "./command.ts";
import { UsageError } from "./failure.ts";
import type { HostOptions } from "./host_protocol.ts";

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
export const MEMORY = ":memory:";

/** What they say of the node itself. */
export type ServeOptions = Pick<HostOptions, "data" | "name" | "hostname" | "port" | "origins" | "log">;

/** @throws {UsageError} */
export function readServeOptions(values: OptionValues<typeof SERVE_OPTIONS>): ServeOptions {
  const log = values.log ?? "text";
  if (log !== "text" && log !== "json") {
    throw new UsageError(`Cannot log as --log is text or json: ${log}`);
  }
  return {
    data: values.data === MEMORY ? MEMORY : path.resolve(values.data ?? ".denizen"),
    name: values.name ?? "denizen",
    hostname: values.host ?? "127.0.0.1",
    port: readPort(values.port),
    origins: values.origins?.split(",").map((origin) => origin.trim()) ?? [],
    log,
  };
}
