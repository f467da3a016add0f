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

/**
 * Fails with every finding in a folder or file that has more than `allowed` of them. A path counts for the
 * longest of its prefixes. The numbers may only shrink: lower them when you remove findings.
 */
export function expectAtMost(
  allowed: Readonly<Record<string, number>>,
  findings: readonly string[],
  fix: string,
): void {
  const prefixes = Object.keys(allowed).sort((a, b) => b.length - a.length);
  const grouped = Map.groupBy(
    findings,
    (finding) => prefixes.find((prefix) => finding.startsWith(prefix)) ?? "",
  );
  const tooMany = [...grouped].flatMap(([prefix, found]) => {
    const most = allowed[prefix] ?? 0;
    if (found.length <= most) return [];
    return most === 0 ? found : [`${prefix} has ${found.length} and may have ${most}:`, ...found];
  });
  expectNone(tooMany, fix);
}

export function findAll(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ name, lines }) =>
    lines.flatMap((line, index) => pattern.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])
  );
}
