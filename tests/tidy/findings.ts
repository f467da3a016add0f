/** What the rules look at, and how a rule fails: with every finding at once, and with what to do about them. */
import assert from "node:assert/strict";
import { isTest, type SourceFile, sourceFiles } from "./source_tree.ts";

export const code = sourceFiles(".ts");
export const documents = sourceFiles(".md");
export const runtimeCode = code.filter((file) => file.name.startsWith("runtime/") && !isTest(file));

/** Fails with every finding at once. */
export function expectNone(findings: string[], fix: string): void {
  assert.equal(findings.length, 0, `${fix}\n  ${findings.join("\n  ")}\n`);
}

export function findAll(files: SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ name, lines }) =>
    lines.flatMap((line, index) => pattern.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])
  );
}
