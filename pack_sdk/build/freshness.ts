/**
 * Checks whether a file was built from exactly these inputs, so that unchanged sources are not compiled
 * again.
 */
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../sha256.ts";
import { sdkFolder } from "./sdk_source.ts";

const SKIPPED = new Set(["target", "node_modules", ".git"]);

async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = [];
  for await (const entry of Deno.readDir(folder)) entries.push(entry);
  for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (isDirectory && !SKIPPED.has(name)) yield* filesIn(path.join(folder, name));
    else if (!isDirectory) yield path.join(folder, name);
  }
}

/** One hash over the contents of folders, the flags and the versions of the compilers. */
export async function fingerprint(folders: readonly string[], settings: unknown): Promise<string> {
  const parts = [JSON.stringify(settings)];
  for (const folder of folders) {
    for await (const file of filesIn(folder)) {
      parts.push(path.relative(folder, file), await sha256(await Deno.readFile(file)));
    }
  }
  return await sha256(new TextEncoder().encode(parts.join("\n")));
}

/** The folders of this package that a pack is compiled from. */
export function sdkSources(): string[] {
  const folder = sdkFolder();
  if (folder === undefined) return [];
  return [
    path.join(folder, "c"),
    path.join(folder, "assemblyscript"),
    fileURLToPath(new URL(".", import.meta.url)),
  ];
}

export async function isFresh(output: string, print: string): Promise<boolean> {
  try {
    return await Deno.readTextFile(`${output}.made_from`) ===
      `${print} ${await sha256(await Deno.readFile(output))}`;
  } catch {
    return false;
  }
}

export async function markFresh(output: string, print: string): Promise<void> {
  await Deno.writeTextFile(`${output}.made_from`, `${print} ${await sha256(await Deno.readFile(output))}`);
}
