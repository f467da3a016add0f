/** Creates a pack in a folder, from `template/`: it builds and passes its tests unchanged. */
import * as path from "node:path";
import { BuildFailure } from "./build_failure.ts";
import type { Language } from "./pack_file.ts";
import { readSdkFile, sdkFolder } from "./sdk_source.ts";

const FILES: Record<Language, readonly string[]> = {
  c: ["src/hello.c"],
  rust: ["src/lib.rs", "Cargo.toml"],
  assemblyscript: ["src/hello.ts"],
};
const ALWAYS = ["pack.json", "hello_test.ts", "README.md", "gitignore"];
const PUBLISHED = "jsr:@denizen/pack-sdk@0.1.0";
const ASSEMBLYSCRIPT = "npm:assemblyscript@0.28.20";

/** The languages in which a pack can be written. */
export const LANGUAGES = Object.keys(FILES) as Language[];

/** A valid name of a pack: it becomes part of identifiers. */
export const PACK_NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** The name of a pack created in `folder`: `my-words` gives `my_words`. `PACK_NAME` checks it. */
export function packNameOf(folder: string): string {
  return path.basename(path.resolve(folder)).replaceAll("-", "_");
}

interface NewPackOptions {
  /** Tasks of its `deno.json`, beside `test`. */
  readonly tasks?: Readonly<Record<string, string>>;
}

/** Writes the files and returns their names. The folder must be empty or missing. */
export async function newPack(
  folder: string,
  language: Language,
  { tasks = {} }: NewPackOptions = {},
): Promise<string[]> {
  const name = packNameOf(folder);
  if (!PACK_NAME.test(name)) {
    throw new BuildFailure(
      `Cannot make a pack as its name is not lower case letters, digits and _: "${name}"`,
    );
  }
  await makeFolder(folder);
  const written: string[] = [];
  const write = async (file: string, text: string) => {
    const place = path.join(folder, file);
    await Deno.mkdir(path.dirname(place), { recursive: true });
    await Deno.writeTextFile(place, text);
    written.push(file);
  };
  for (const file of [...ALWAYS, ...FILES[language]]) {
    const text = (await readSdkFile(`template/${language}/${file}`)).replaceAll("hello", name);
    await write(file.replace("hello", name).replace(/^gitignore$/, ".gitignore"), withSdk(text));
  }
  await write("deno.json", JSON.stringify(configuration(name, tasks), null, 2) + "\n");
  return written.sort();
}

async function makeFolder(folder: string): Promise<void> {
  let entries: Deno.DirEntry[];
  try {
    await Deno.mkdir(folder, { recursive: true });
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AlreadyExists || cause instanceof Deno.errors.NotADirectory
      ? "it is a file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new BuildFailure(`Cannot make a pack in ${folder} as ${reason}`, "", cause);
  }
  if (entries.length === 0) return;
  throw new BuildFailure(`Cannot make a pack in ${folder} as it is not empty: it has ${entries[0]!.name}`);
}

/** The path of this package's crate, if it is on disk. */
function withSdk(text: string): string {
  const sdk = sdkFolder();
  const crate = JSON.stringify(path.join(sdk ?? "", "rust"));
  return sdk === undefined
    ? text
    : text.replace('denizen-pack = "0.1.0"', `denizen-pack = { path = ${crate} }`);
}

function configuration(name: string, tasks: NewPackOptions["tasks"]): unknown {
  const sdk = sdkFolder(), part = (file: string) => path.join(sdk!, file);
  const imports = sdk === undefined ? { "@denizen/pack-sdk": PUBLISHED } : {
    "@denizen/pack-sdk": part("mod.ts"),
    "@denizen/pack-sdk/build": part("build/build.ts"),
    "@denizen/pack-sdk/conformance": part("conformance/conformance.ts"),
    "@denizen/pack-sdk/testing": part("testing.ts"),
    "assemblyscript": ASSEMBLYSCRIPT,
  };
  return {
    name: `@me/${name}`,
    version: "0.1.0",
    tasks: { ...tasks, test: "deno test -A" },
    exclude: ["src/"],
    imports,
  };
}
