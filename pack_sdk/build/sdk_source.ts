/** The files of this package that compilers read: the C header and the AssemblyScript library. */
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const C_FILES = ["c/denizen_pack.h", "c/denizen_pack_wasm.h"];

export async function readSdkFile(name: string): Promise<string> {
  const url = new URL(name, ROOT);
  return url.protocol === "file:" ? await Deno.readTextFile(url) : await (await fetch(url)).text();
}

/** The folder with the C header. If this package is not on disk, it is first written below `target`. */
export async function headerFolder(target: string): Promise<string> {
  if (ROOT.protocol === "file:") return fileURLToPath(new URL("c", ROOT));
  const folder = path.join(target, "include");
  await Deno.mkdir(folder, { recursive: true });
  for (const name of C_FILES) {
    await Deno.writeTextFile(path.join(folder, path.basename(name)), await readSdkFile(name));
  }
  return folder;
}

/** The path of this package, if it is on disk. */
export function sdkFolder(): string | undefined {
  return ROOT.protocol === "file:" ? fileURLToPath(ROOT) : undefined;
}
