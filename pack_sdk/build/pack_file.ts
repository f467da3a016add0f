/** `pack.json`: the name of a pack and how each of its carriers is built. */
import * as path from "node:path";
import { JsonChecker } from "../json_checker.ts";
import { BuildFailure } from "./build_failure.ts";

export type Language = "c" | "rust" | "assemblyscript";
export type CarrierKind = "native" | "wasm";

export interface Recipe {
  readonly language: Language;
  /**
   * Relative to the folder. C: the files to compile; AssemblyScript: the entry; Rust: none, as `Cargo.toml`
   * has them.
   */
  readonly sources: readonly string[];
  /** Passed to the compiler unchanged. */
  readonly flags: readonly string[];
}

export interface PackFile {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly templates: readonly string[];
  readonly build: Readonly<Partial<Record<CarrierKind, Recipe>>>;
}

const PACK_FILE = "pack.json";
const LANGUAGES: readonly string[] = ["c", "rust", "assemblyscript"];
const CARRIERS: readonly string[] = ["native", "wasm"];

/** Reads one `pack.json`. */
class Reader {
  readonly #check: JsonChecker;

  constructor(file: string) {
    this.#check = new JsonChecker((reason, cause) =>
      new BuildFailure(`Cannot read ${file} as ${reason}`, "", cause)
    );
  }

  read(bytes: Uint8Array): PackFile {
    const check = this.#check;
    const fields = check.object(check.parse(bytes, "it"), "it");
    const name = check.text(fields, "name", "it");
    if (!/^[a-z][a-z0-9_-]{0,63}$/.test(name)) {
      check.refuse(`its name is not lower case letters, digits, - and _: "${name}"`);
    }
    const build = check.object(fields.build, '"build"');
    const unknown = Object.keys(build).find((carrier) => !CARRIERS.includes(carrier));
    if (unknown !== undefined) check.refuse(`"build.${unknown}" is not a carrier: native and wasm are`);
    return {
      name,
      version: check.text(fields, "version", "it"),
      description: check.text(fields, "description", "it"),
      license: check.text(fields, "license", "it"),
      templates: check.texts(fields.templates, '"templates"'),
      build: Object.fromEntries(
        Object.entries(build).map(([carrier, recipe]) => [carrier, this.#recipe(recipe, carrier)]),
      ),
    };
  }

  #recipe(value: unknown, carrier: string): Recipe {
    const check = this.#check, field = `"build.${carrier}"`;
    const fields = check.object(value, field);
    const language = check.text(fields, "language", field) as Language;
    if (!LANGUAGES.includes(language)) check.refuse(`"${language}" is none of ${LANGUAGES.join(", ")}`);
    if (language === "assemblyscript" && carrier === "native") {
      check.refuse("AssemblyScript compiles to wasm only");
    }
    const sources = check.texts(fields.sources ?? [], '"sources"').map((file) => this.#inside(file));
    if (language === "c" && sources.length === 0) check.refuse(`${field} has no sources`);
    if (language === "assemblyscript" && sources.length !== 1) check.refuse(`${field} needs one source`);
    return { language, sources, flags: check.texts(fields.flags ?? [], '"flags"') };
  }

  /** Only files of the pack's folder are compiled. */
  #inside(file: string): string {
    const normal = path.posix.normalize(file);
    if (path.posix.isAbsolute(normal) || normal.startsWith("..")) {
      this.#check.refuse(`a source is outside the pack: ${file}`);
    }
    return normal;
  }
}

/** @throws {BuildFailure} with the field that is wrong. */
export function parsePackFile(bytes: Uint8Array, file = PACK_FILE): PackFile {
  return new Reader(file).read(bytes);
}

export async function readPackFile(folder: string): Promise<PackFile> {
  const file = path.join(folder, PACK_FILE);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (cause) {
    throw new BuildFailure(`Cannot build the pack as ${file} cannot be read`, "", cause);
  }
  return parsePackFile(bytes, file);
}
