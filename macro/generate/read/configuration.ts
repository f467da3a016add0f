/** The `deno.json` files around an app: the package and publisher of its processes, and its import map. */
import { basename, dirname, join, resolve } from "node:path";
import ts from "typescript";
import {
  type NameRule,
  PACKAGE_NAME,
  packageNameOf,
  PUBLISHER_DEFAULT,
  PUBLISHER_NAME,
} from "../../declare/address_names.ts";
import type { SourceFiles } from "./source_files.ts";

interface Configuration {
  readonly file: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly denizen?: { readonly package?: unknown; readonly publisher?: unknown };
  /** The text is not a JSON object. */
  readonly broken: boolean;
}

interface Identity {
  readonly package: string;
  readonly publisher: string;
  /** The file that names them; `undefined` if none does. */
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

  /** Resolves a bare import with the import maps above it, nearest first. */
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
   * The package and publisher of the processes in `folder`: from the nearest `denizen` section upward,
   * otherwise the folder's own name and `local`.
   *
   * @throws {ConfigurationProblem} if the section is invalid.
   */
  identityOf(folder: string): Identity {
    for (const { file, denizen, broken } of this.#upwardFrom(folder)) {
      if (broken) throw new ConfigurationProblem(file, "it is not a JSON object", "correct it");
      if (denizen === undefined) continue;
      return {
        package: checkName(file, "package", denizen.package ?? packageOf(dirname(file)), PACKAGE_NAME),
        publisher: checkName(file, "publisher", denizen.publisher ?? PUBLISHER_DEFAULT, PUBLISHER_NAME),
        file,
      };
    }
    return { package: packageOf(resolve(folder)), publisher: PUBLISHER_DEFAULT };
  }
}

function checkName(file: string, name: string, value: unknown, { pattern, rule }: NameRule): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new ConfigurationProblem(file, `"denizen.${name}" is ${JSON.stringify(value)}`, `write ${rule}`);
}

function packageOf(folder: string): string {
  return packageNameOf(basename(folder)) || "app";
}
