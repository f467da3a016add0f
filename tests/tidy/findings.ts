/**
 * What the rules look at, and how a rule fails: with every finding at once, and with what to do about them.
 */
import assert from "node:assert/strict";
import ts from "typescript";
import { isTest, type SourceFile, sourceFiles } from "./source_tree.ts";

export const code = sourceFiles(".ts");
export const documents = sourceFiles(".md");
export const runtimeCode = code.filter((file) => file.name.startsWith("runtime/") && !isTest(file));

const trees = new Map<string, ts.SourceFile>();

/** A file as the TypeScript compiler parses it. Each file is parsed once for all rules. */
export function treeOf({ name, text }: SourceFile): ts.SourceFile {
  let tree = trees.get(name);
  if (!tree) trees.set(name, tree = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  return tree;
}

export function visitNodes(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => visitNodes(child, visit));
}

/** Fails with every finding at once. */
export function expectNone(findings: readonly string[], fix: string): void {
  assert.equal(findings.length, 0, `${fix}\n  ${findings.join("\n  ")}\n`);
}

export function findAll(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ name, lines }) =>
    lines.flatMap((line, index) => pattern.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])
  );
}
