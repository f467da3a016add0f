/** Reads the options of `@process` from the source. */
import type { Endpoint } from "../../declare/bindings.ts";
import { PROCESS_OPTIONS } from "../../declare/options.ts";
import { Save, type SavePolicy } from "../../declare/save.ts";
import type { ProcessModel } from "../model.ts";
import type { DecoratorUse } from "./decorators.ts";
import { isSavePolicy, OptionReader } from "./option_reader.ts";
import type { Reading } from "./reading.ts";

type ProcessSettings = Pick<
  ProcessModel,
  | "name"
  | "endpoints"
  | "save"
  | "keyed"
  | "turns"
  | "ui"
  | "version"
  | "migrations"
  | "passivateAfter"
>;

/** The options with their defaults. An invalid option is reported and counts as not given. */
export function readProcessOptions(
  reading: Reading,
  use: DecoratorUse,
  className: string,
): ProcessSettings {
  const options = new OptionReader(reading, use, className, PROCESS_OPTIONS);
  const name = options.read("name", isName, 'write a text, such as "Todo list"');
  if (!options.given("name") && !options.unreadable) {
    options.refuse('"name" is missing', use.node, `write @process({ name: "${className}" })`);
  }
  const version = options.read("version", isVersion, "write a whole number from 1") ?? 1;
  const passivateAfter = options.read("passivateAfter", isPositive, "write a number of seconds above zero");
  const settings: ProcessSettings = {
    name: name ?? className,
    endpoints: readEndpoints(options),
    save: options.read<SavePolicy>("save", isSavePolicy, "write Save.everyMessage, or another of Save") ??
      Save.everyMessage,
    keyed: options.read("keyed", isBoolean, 'write "keyed: true" or "keyed: false"') ?? false,
    turns: options.read("turns", isTurns, 'write "serial" or "interleaved"') ?? "serial",
    ui: options.read("ui", isName, "write a folder, relative to this file"),
    version,
    migrations: readMigrations(options, version),
    passivateAfter: passivateAfter === Infinity ? "Infinity" : passivateAfter,
  };
  if (passivateAfter !== undefined && !settings.keyed) {
    options.refuse(
      '"passivateAfter" is for keyed processes',
      options.nodeOf("passivateAfter")!,
      "add keyed: true, or remove it",
    );
  }
  return settings;
}

function readEndpoints(options: OptionReader): readonly Endpoint[] {
  const endpoints = options.read<readonly Endpoint[]>(
    "endpoints",
    isEndpoints,
    'write a list of Http("/api") and Ws("/ws")',
  ) ?? [];
  const paths = new Set<string>();
  for (const { path } of endpoints) {
    if (paths.has(path)) {
      options.refuse(
        `two endpoints have one path, "${path}"`,
        options.nodeOf("endpoints")!,
        "keep one of them, or change one of the paths",
      );
    }
    paths.add(path);
  }
  return endpoints;
}

/** The versions with a migration; the functions themselves are not read. */
function readMigrations(options: OptionReader, version: number): number[] {
  const migrations: number[] = [];
  for (const [name, { node }] of options.members("migrations")) {
    const from = Number(name);
    if (Number.isInteger(from) && from >= 1 && from < version) migrations.push(from);
    else {
      options.refuse(
        `a migration from version ${name} leads nowhere, as "version" is ${version},`,
        node,
        `remove it, or raise "version"`,
      );
    }
  }
  return migrations.sort((a, b) => a - b);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && value > 0;
}

function isTurns(value: unknown): value is "serial" | "interleaved" {
  return value === "serial" || value === "interleaved";
}

function isEndpoints(value: unknown): value is readonly Endpoint[] {
  return Array.isArray(value) && value.every((endpoint) => {
    const { kind, path } = (endpoint ?? {}) as Partial<Endpoint>;
    return (kind === "http" || kind === "ws") && typeof path === "string" && path.startsWith("/");
  });
}
