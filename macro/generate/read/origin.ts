/** Resolves a name: to Denizen, the JavaScript library, the app, or a package that is not read. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { isBuiltin, ourModule } from "./program.ts";

export type Origin =
  /** Exported by `@denizen/macro` or `@denizen/runtime`. */
  | { readonly kind: "ours"; readonly module: string; readonly name: string }
  | { readonly kind: "builtin"; readonly name: string; readonly symbol: ts.Symbol }
  | { readonly kind: "app"; readonly symbol: ts.Symbol }
  /** Imported from a package that is not read, or not declared at all. */
  | { readonly kind: "unknown"; readonly name: string; readonly module?: string };

const MACRO_FOLDER = import.meta.url.startsWith("file:")
  ? resolve(dirname(fileURLToPath(import.meta.url)), "../..")
  : undefined;

/** Our packages, when an app of this repository imports their files by path. */
function ourFile(file: string): string | undefined {
  if (MACRO_FOLDER === undefined) return undefined;
  if (dirname(file) === resolve(MACRO_FOLDER, "declare")) return "@denizen/macro";
  return file.startsWith(`${resolve(MACRO_FOLDER, "../runtime")}/`) ? "@denizen/runtime" : undefined;
}

/** Resolves the name `node`, an identifier or a qualified name. */
export function originOf(checker: ts.TypeChecker, node: ts.Node): Origin {
  if (ts.isQualifiedName(node) || ts.isPropertyAccessExpression(node)) {
    const left = ts.isQualifiedName(node) ? node.left : node.expression;
    const right = ts.isQualifiedName(node) ? node.right : node.name;
    const namespace = checker.getSymbolAtLocation(left)?.declarations?.find(ts.isNamespaceImport);
    const module = namespace && specifierOf(namespace);
    if (module !== undefined) {
      const ours = ourModule(module);
      if (ours !== undefined) return { kind: "ours", module: ours, name: right.text };
    }
    const symbol = checker.getSymbolAtLocation(right);
    const origin = symbol && follow(checker, symbol);
    return origin && origin.kind !== "unknown" ? origin : { kind: "unknown", name: node.getText(), module };
  }
  const symbol = checker.getSymbolAtLocation(node);
  return symbol ? follow(checker, symbol) : { kind: "unknown", name: node.getText() };
}

/** Follows imports and re-exports to where `start` is declared. */
export function follow(checker: ts.TypeChecker, start: ts.Symbol): Origin {
  let symbol = start;
  const seen = new Set<ts.Symbol>();
  while (symbol.flags & ts.SymbolFlags.Alias) {
    if (seen.has(symbol)) return { kind: "unknown", name: start.name };
    seen.add(symbol);
    const declaration = symbol.declarations?.[0];
    if (declaration === undefined) return { kind: "unknown", name: start.name };
    const module = specifierOf(declaration);
    const name = importedName(declaration);
    const ours = module === undefined ? undefined : ourModule(module);
    if (ours !== undefined) return { kind: "ours", module: ours, name };
    const next = step(checker, declaration, name);
    if (next === undefined) {
      return throughStar(checker, declaration, name) ?? { kind: "unknown", name, module };
    }
    symbol = next;
  }
  const file = symbol.declarations?.[0]?.getSourceFile();
  if (file === undefined) return { kind: "unknown", name: symbol.name };
  if (isBuiltin(file)) return { kind: "builtin", name: symbol.name, symbol };
  const module = ourFile(file.fileName);
  return module === undefined ? { kind: "app", symbol } : { kind: "ours", module, name: symbol.name };
}

/** The module that an import or re-export names. */
function specifierOf(declaration: ts.Node): string | undefined {
  for (let node: ts.Node | undefined = declaration; node && !ts.isSourceFile(node); node = node.parent) {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      return node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)
        ? node.moduleSpecifier.text
        : undefined;
    }
  }
  return undefined;
}

function importedName(declaration: ts.Declaration): string {
  if (ts.isImportSpecifier(declaration) || ts.isExportSpecifier(declaration)) {
    return (declaration.propertyName ?? declaration.name).text;
  }
  if (ts.isImportClause(declaration) || ts.isExportAssignment(declaration)) return "default";
  return "*";
}

/** One step along a chain of imports and re-exports. */
function step(checker: ts.TypeChecker, declaration: ts.Declaration, name: string): ts.Symbol | undefined {
  if (ts.isExportSpecifier(declaration) && specifierOf(declaration) === undefined) {
    return checker.getExportSpecifierLocalTargetSymbol(declaration);
  }
  if (ts.isExportAssignment(declaration)) return checker.getSymbolAtLocation(declaration.expression);
  const module = moduleOf(checker, declaration);
  if (module === undefined || ts.isNamespaceImport(declaration) || ts.isNamespaceExport(declaration)) {
    return module;
  }
  return checker.getExportsOfModule(module).find((symbol) => symbol.name === name);
}

function moduleOf(checker: ts.TypeChecker, declaration: ts.Declaration): ts.Symbol | undefined {
  for (let node: ts.Node | undefined = declaration; node && !ts.isSourceFile(node); node = node.parent) {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      return checker.getSymbolAtLocation(node.moduleSpecifier);
    }
  }
  return undefined;
}

/** A name that only an `export * from "@denizen/macro"` of the app can have given. */
function throughStar(checker: ts.TypeChecker, declaration: ts.Declaration, name: string): Origin | undefined {
  const file = moduleOf(checker, declaration)?.declarations?.find(ts.isSourceFile);
  for (const statement of file?.statements ?? []) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause !== undefined) continue;
    const ours = ourModule(specifierOf(statement) ?? "");
    if (ours !== undefined) return { kind: "ours", module: ours, name };
  }
  return undefined;
}

/** The name under which the file that declares `symbol` exports it. */
export function exportedName(checker: ts.TypeChecker, symbol: ts.Symbol): string | undefined {
  const file = symbol.declarations?.[0]?.getSourceFile();
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) return undefined;
  const exports = checker.getExportsOfModule(module);
  const found = exports.find((one) => one === symbol) ??
    exports.find((one) => one.flags & ts.SymbolFlags.Alias && sameSymbol(follow(checker, one), symbol));
  return found?.name;
}

function sameSymbol(origin: Origin, symbol: ts.Symbol): boolean {
  return "symbol" in origin && origin.symbol === symbol;
}
