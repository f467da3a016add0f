/** Reads the `deno.json` files of an app: its own, and those of the folders above. */
import * as path from "node:path";
import { ExplainedError, UsageError } from "../terminal/failure.ts";
import { didYouMean } from "../terminal/suggest.ts";

/** The settings of the section `denizen`. */
const SETTINGS: readonly string[] = ["package", "publisher", "permissions", "packs"];

export interface AppConfig {
  readonly file: string;
  readonly folder: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly compilerOptions: Readonly<Record<string, unknown>>;
  /** The section `denizen`: it has only known settings, but their values are unchecked. */
  readonly denizen?: Readonly<Record<string, unknown>>;
}

export interface App {
  /** The module or folder that the user named; absolute. */
  readonly file: string;
  /** The folder of its nearest `deno.json`, or its own folder if there is none. */
  readonly root: string;
  /** Nearest first. */
  readonly configs: readonly AppConfig[];
}

/** @throws {UsageError} if `file` does not exist. */
export async function readApp(file: string): Promise<App> {
  const absolute = path.resolve(file);
  let folder = absolute;
  try {
    const info = await Deno.stat(absolute);
    if (!info.isDirectory) folder = path.dirname(absolute);
  } catch {
    throw new UsageError(`Cannot find the app as there is no such file or folder: ${file}`);
  }
  const configs: AppConfig[] = [];
  for (let at = folder;; at = path.dirname(at)) {
    const config = await readConfig(at);
    if (config) configs.push(config);
    if (path.dirname(at) === at) break;
  }
  return { file: absolute, root: configs[0]?.folder ?? folder, configs };
}

async function readConfig(folder: string): Promise<AppConfig | undefined> {
  for (const name of ["deno.json", "deno.jsonc"]) {
    const file = path.join(folder, name);
    let text: string;
    try {
      text = await Deno.readTextFile(file);
    } catch {
      continue;
    }
    const config = parse(file, text);
    const section = (key: string) => (config[key] ?? {}) as Record<string, never>;
    return {
      file,
      folder,
      imports: section("imports"),
      scopes: section("scopes"),
      compilerOptions: section("compilerOptions"),
      denizen: ownSection(file, config.denizen),
    };
  }
  return undefined;
}

/** Rejects unknown settings: a misspelt one would otherwise be ignored silently. */
function ownSection(file: string, value: unknown): AppConfig["denizen"] {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ExplainedError({
      code: "bad_option",
      message: `Cannot use "denizen" of ${file} as it is not an object: ${JSON.stringify(value)}`,
      hint: 'write { "package": "shop", "publisher": "me.os" }',
    });
  }
  const unknown = Object.keys(value).find((setting) => !SETTINGS.includes(setting));
  if (unknown === undefined) return value as AppConfig["denizen"];
  throw new ExplainedError({
    code: "bad_option",
    message: `Cannot use "denizen" of ${file} as there is no such setting: "${unknown}"`,
    hint: didYouMean(unknown, SETTINGS),
  });
}

function parse(file: string, text: string): Record<string, unknown> {
  let reason = "it is not an object";
  try {
    const config = JSON.parse(withoutComments(text));
    if (typeof config === "object" && config !== null) return config;
  } catch (cause) {
    reason = cause instanceof Error ? cause.message : String(cause);
  }
  throw new ExplainedError({ code: "app_unreadable", message: `Cannot read ${file} as ${reason}` });
}

/** Removes comments and trailing commas, which Deno allows in its configuration files, from JSON. */
export function withoutComments(text: string): string {
  const bare = text.replace(
    /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[^]*?\*\//g,
    (_, string?: string) => string ?? " ",
  );
  return bare.replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? "");
}
