/** `pack.json`: what a pack is called and how each carrier of it is built. */
import * as path from "node:path";
import { BuildFailure } from "./build_failure.ts";

export type Language = "c" | "rust" | "assemblyscript";
export type CarrierKind = "native" | "wasm";

export interface Recipe {
  readonly language: Language;
  /** C: the files to compile. AssemblyScript: the entry. Rust: nothing, `Cargo.toml` says it. Relative to the folder. */
  readonly sources: readonly string[];
  /** Handed to the compiler as they are. */
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

export const PACK_FILE = "pack.json";
const LANGUAGES: readonly string[] = ["c", "rust", "assemblyscript"];
const CARRIERS: readonly string[] = ["native", "wasm"];

type Fields = Record<string, unknown>;

class Reader {
  constructor(readonly file: string) {}

  refuse(reason: string): never {
    throw new BuildFailure(`Cannot read ${this.file} as ${reason}`);
  }

  object(value: unknown, what: string): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.refuse(`${what} is no object`);
    }
    return value as Fields;
  }

  text(fields: Fields, key: string): string {
    const value = fields[key];
    if (typeof value !== "string" || value === "") this.refuse(`it has no "${key}"`);
    return value;
  }

  texts(value: unknown, key: string): string[] {
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
      this.refuse(`"${key}" is no list of texts`);
    }
    return value as string[];
  }

  /** Only what lies in the folder is compiled. */
  inside(file: string): string {
    const normal = path.posix.normalize(file);
    if (path.posix.isAbsolute(normal) || normal.startsWith("..")) {
      this.refuse(`a source is outside the pack: ${file}`);
    }
    return normal;
  }

  recipe(value: unknown, carrier: string): Recipe {
    const fields = this.object(value, `"build.${carrier}"`);
    const language = this.text(fields, "language") as Language;
    if (!LANGUAGES.includes(language)) this.refuse(`"${language}" is none of ${LANGUAGES.join(", ")}`);
    if (language === "assemblyscript" && carrier === "native") {
      this.refuse("AssemblyScript compiles to wasm only");
    }
    const sources = this.texts(fields.sources ?? [], "sources").map((file) => this.inside(file));
    if (language === "c" && sources.length === 0) this.refuse(`"build.${carrier}" has no sources`);
    if (language === "assemblyscript" && sources.length !== 1) {
      this.refuse(`"build.${carrier}" needs one source`);
    }
    return { language, sources, flags: this.texts(fields.flags ?? [], "flags") };
  }
}

export function parsePackFile(text: string, file = PACK_FILE): PackFile {
  const reader = new Reader(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    reader.refuse("it is not JSON");
  }
  const fields = reader.object(value, "it");
  const name = reader.text(fields, "name");
  if (!/^[a-z][a-z0-9_-]{0,63}$/.test(name)) {
    reader.refuse(`its name is not lower case letters, digits, - and _: "${name}"`);
  }
  const build = reader.object(fields.build, '"build"');
  const unknown = Object.keys(build).find((carrier) => !CARRIERS.includes(carrier));
  if (unknown !== undefined) reader.refuse(`"build.${unknown}" is no carrier: native and wasm are`);
  return {
    name,
    version: reader.text(fields, "version"),
    description: reader.text(fields, "description"),
    license: reader.text(fields, "license"),
    templates: reader.texts(fields.templates, "templates"),
    build: Object.fromEntries(
      Object.entries(build).map(([carrier, recipe]) => [carrier, reader.recipe(recipe, carrier)]),
    ),
  };
}

export async function readPackFile(folder: string): Promise<PackFile> {
  const file = path.join(folder, PACK_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (cause) {
    throw new BuildFailure(`Cannot build the pack as ${file} cannot be read`, "", cause);
  }
  return parsePackFile(text, file);
}
