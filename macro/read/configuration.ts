/** What the `deno.json` files around an app say: the package and publisher of its processes, and its import map. */
import { basename, dirname, join, resolve } from "node:path";
import ts from "typescript";
import type { SourceFiles } from "./source_files.ts";

interface Configuration {
  readonly file: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly denizen?: { readonly package?: unknown; readonly publisher?: unknown };
  /** The text is no JSON object. */
  readonly broken: boolean;
}

export interface Identity {
  readonly package: string;
  readonly publisher: string;
  /** The file that says so; `undefined` when none does. */
  readonly file?: string;
}

/** A `deno.json` whose `denizen` section cannot be used. */
export class ConfigurationProblem extends Error {
  constructor(readonly file: string, readonly reason: string, readonly fix: string) {
    super(reason);
  }
}

const FILE_NAMES = ["deno.json", "deno.jsonc"];

/** Reads each `deno.json` once. */
export class Configurations {
  readonly #byFolder = new Map<string, Configuration | undefined>();

  constructor(private readonly files: SourceFiles) {}

  #in(folder: string): Configuration | undefined {
    if (this.#byFolder.has(folder)) return this.#byFolder.get(folder);
    let found: Configuration | undefined;
    for (const name of FILE_NAMES) {
      const file = join(folder, name);
      const text = this.files.read(file);
      if (text === undefined) continue;
      const { config, error } = ts.parseConfigFileTextToJson(file, text);
      const broken = error !== undefined || typeof config !== "object" || config === null;
      found = {
        file,
        imports: broken ? {} : config.imports ?? {},
        denizen: broken ? undefined : config.denizen,
        broken,
      };
      break;
    }
    this.#byFolder.set(folder, found);
    return found;
  }

  *#upwardFrom(folder: string): Generator<Configuration> {
    for (let at = resolve(folder);; at = dirname(at)) {
      const found = this.#in(at);
      if (found !== undefined) yield found;
      if (dirname(at) === at) return;
    }
  }

  /** The file that a bare import means by the import maps above it, nearest first. */
  mapImport(specifier: string, importer: string): string | undefined {
    for (const { file, imports } of this.#upwardFrom(dirname(importer))) {
      let target = imports[specifier];
      if (target === undefined) {
        const prefix = Object.keys(imports)
          .filter((key) => key.endsWith("/") && specifier.startsWith(key))
          .sort((a, b) => b.length - a.length)[0];
        if (prefix !== undefined) target = imports[prefix] + specifier.slice(prefix.length);
      }
      if (target === undefined) continue;
      if (target.startsWith("file:")) return target;
      return /^\.?\.?\//.test(target) ? resolve(dirname(file), target) : undefined;
    }
    return undefined;
  }

  /**
   * The package and publisher of what `folder` declares: the nearest `denizen` section upward, else the folder's own name and
   * `local`.
   *
   * @throws {ConfigurationProblem} if the section is there and wrong.
   */
  identityOf(folder: string): Identity {
    for (const { file, denizen, broken } of this.#upwardFrom(folder)) {
      if (broken) throw new ConfigurationProblem(file, "it is no JSON object", "mend it");
      if (denizen === undefined) continue;
      return {
        package: checkName(file, "package", denizen.package ?? validName(basename(dirname(file))), PACKAGE),
        publisher: checkName(file, "publisher", denizen.publisher ?? "local", PUBLISHER),
        file,
      };
    }
    return { package: validName(basename(resolve(folder))), publisher: "local" };
  }
}

const PACKAGE = {
  pattern: /^[a-z][a-z0-9-]*$/,
  rule: 'lower-case letters, digits and "-", such as "todo-app"',
};
const PUBLISHER = { pattern: /^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*$/, rule: 'a dotted name, such as "me.os"' };

function checkName(file: string, name: string, value: unknown, { pattern, rule }: typeof PACKAGE): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new ConfigurationProblem(file, `"denizen.${name}" is ${JSON.stringify(value)}`, `write ${rule}`);
}

/** The nearest valid package name: `My App (2)` is `my-app-2`. */
function validName(text: string): string {
  const name = text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+|-+$/g, "");
  return name === "" ? "app" : name;
}
