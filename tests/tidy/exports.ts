/** What a file exports is used by another one. */
import * as path from "node:path";
import ts from "typescript";
import { code, expectNone, treeOf, visitNodes } from "./findings.ts";
import { type SourceFile, sourceFiles } from "./source_tree.ts";

/** Another compiler reads these. */
const ASSEMBLYSCRIPT = /^(pack_sdk\/assemblyscript|packs\/\w+\/src|bench\/packs\/\w+\/src)\//;

/** Imported by an entry module that `denizen compile` writes. */
const GENERATED_CODE_IMPORTS = ["cli/compile/program.ts"];

/** The modules that a package shows to others. */
function entryModules(): Set<string> {
  return new Set([
    ...GENERATED_CODE_IMPORTS,
    ...sourceFiles("deno.json").flatMap(({ name, text }) => {
      const { exports = {} } = JSON.parse(text) as { exports?: Record<string, string> };
      return Object.values(exports).map((target) => path.posix.join(path.posix.dirname(name), target));
    }),
  ]);
}

/** The generator and the node read the classes of an app; no file of ours imports them. */
function isApp({ text }: SourceFile): boolean {
  return /^@process\b/m.test(text);
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

function exportsOf(file: SourceFile): string[] {
  const names: string[] = [];
  for (const statement of treeOf(file).statements) {
    if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier && statement.exportClause) {
      if (ts.isNamedExports(statement.exportClause)) {
        names.push(...statement.exportClause.elements.map(({ name }) => name.text));
      }
    }
    if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) continue;
    if (hasModifier(statement, ts.SyntaxKind.DefaultKeyword)) names.push("default");
    else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name)) names.push(name.text);
        else {names.push(...name.elements.flatMap((element) =>
            "name" in element ? [element.name.getText()] : []
          ));}
      }
    } else if ("name" in statement && statement.name) names.push((statement.name as ts.Identifier).text);
  }
  return names;
}

/** What a file takes from others, as `file name`; `file *` where it takes everything. */
function usesOf(file: SourceFile): string[] {
  const uses: string[] = [];
  const folder = path.posix.dirname(file.name);
  const take = (specifier: ts.Node | undefined, names: readonly string[]) => {
    if (!specifier || !ts.isStringLiteralLike(specifier) || !specifier.text.startsWith(".")) return;
    const target = path.posix.join(folder, specifier.text);
    uses.push(...names.map((name) => `${target} ${name}`));
  };
  const elementNames = (elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[]) =>
    elements.map(({ name, propertyName }) => (propertyName ?? name).text);
  visitNodes(treeOf(file), (node) => {
    if (ts.isImportDeclaration(node) && node.importClause) {
      const { name, namedBindings } = node.importClause;
      if (name) take(node.moduleSpecifier, ["default"]);
      if (namedBindings && ts.isNamespaceImport(namedBindings)) take(node.moduleSpecifier, ["*"]);
      if (namedBindings && ts.isNamedImports(namedBindings)) {
        take(node.moduleSpecifier, elementNames(namedBindings.elements));
      }
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      const named = node.exportClause && ts.isNamedExports(node.exportClause);
      take(
        node.moduleSpecifier,
        named ? elementNames((node.exportClause as ts.NamedExports).elements) : ["*"],
      );
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      take(node.argument.literal, ["*"]);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      take(node.arguments[0], ["*"]);
    }
  });
  return uses;
}

Deno.test("every export is used outside of its file", () => {
  const files = code.filter(({ name }) => !ASSEMBLYSCRIPT.test(name));
  const entries = entryModules();
  const used = new Set(files.flatMap(usesOf));
  const findings = files.filter((file) =>
    !entries.has(file.name) && !isApp(file) && !used.has(`${file.name} *`)
  )
    .flatMap((file) =>
      exportsOf(file).filter((name) => !used.has(`${file.name} ${name}`)).map((name) =>
        `${file.name}: ${name}`
      )
    );
  expectNone(findings, "Take `export` away, or the code if nothing else needs it.");
});
