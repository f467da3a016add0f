/** Builds AssemblyScript packs with the compiler's npm package, so nothing has to be installed. */
import * as path from "node:path";
import { BuildFailure } from "./build_failure.ts";
import type { Job, Outcome } from "./job.ts";
import { readSdkFile } from "./sdk_source.ts";

const LIBRARY = "@denizen/pack-sdk/assemblyscript";
const EXPORTS = "denizen_exports.ts";

export async function buildWasmAssemblyScript({ folder, recipe, output }: Job): Promise<Outcome> {
  const [entry] = recipe.sources as [string];
  /* The compiler is large, so it is loaded only when needed. */
  const { default: asc } = await import("assemblyscript/asc");
  let made: Uint8Array | undefined;
  const { error, stderr } = await asc.main([
    entry,
    EXPORTS,
    "--outFile",
    "pack.wasm",
    "--runtime",
    "incremental",
    "--optimizeLevel",
    "3",
    "--shrinkLevel",
    "1",
    "--enable",
    "simd",
    "--use",
    `abort=~lib/${LIBRARY}/memory/trap`,
    ...recipe.flags,
  ], {
    readFile: (name) => readSource(folder, name),
    writeFile: (name, contents) => {
      if (name === "pack.wasm") made = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !made) {
    throw new BuildFailure("Cannot build the pack as asc failed", stderr.toString() || String(error));
  }
  await Deno.writeFile(output, made);
  return { output };
}

/** The pack's own files, and this package's files at any path where the compiler looks for them. */
async function readSource(folder: string, name: string): Promise<string | null> {
  if (name === EXPORTS) return `export * from "${LIBRARY}/exports";\n`;
  const library = /^.*@denizen\/pack-sdk\/(assemblyscript\/.+)$/.exec(name);
  try {
    return library ? await readSdkFile(library[1]!) : await Deno.readTextFile(path.resolve(folder, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
