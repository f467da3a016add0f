/** The files of the repository that the rules of `tidy_test.ts` are about. */
import * as path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const SKIPPED = new Set([
  ".git",
  ".denizen",
  "node_modules",
  "generated",
  "testdata",
  "target",
  "template",
  ".cache",
]);

export interface SourceFile {
  /** From the root, with `/`. */
  readonly name: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** Every file whose name ends in one of `extensions`, in the order of their names. */
export function sourceFiles(...extensions: string[]): SourceFile[] {
  const found: SourceFile[] = [];
  const walk = (folder: string) => {
    for (const entry of Deno.readDirSync(path.join(ROOT, folder))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory && !SKIPPED.has(entry.name)) walk(name);
      else if (entry.isFile && extensions.some((extension) => name.endsWith(extension))) {
        const text = Deno.readTextFileSync(path.join(ROOT, name));
        found.push({ name, text, lines: text.split("\n") });
      }
    }
  };
  walk("");
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function isTest({ name }: SourceFile): boolean {
  return name.endsWith("_test.ts") || name.startsWith("tests/") || name.startsWith("bench/");
}

/** What a file imports, types too: files of ours as names from the root, others as they are written. */
export function importsOf({ name, text }: SourceFile): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const pattern =
    /^\s*(?:import|export)\b[^;"'`]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...code.matchAll(pattern)].map((match) => {
    const specifier = (match[1] ?? match[2] ?? match[3])!;
    return specifier.startsWith(".") ? path.posix.join(path.posix.dirname(name), specifier) : specifier;
  });
}
