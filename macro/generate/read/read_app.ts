/** Reads the processes of an app: the exported classes with `@process`. */
import { basename, dirname } from "node:path";
import ts from "typescript";
import { PROCESS_NAME } from "../../declare/address_names.ts";
import type { ProcessModel } from "../model.ts";
import { GenerateError } from "../generate_error.ts";
import { ConfigurationProblem, Configurations } from "./configuration.ts";
import { decoratorsOf, type DecoratorUse } from "./decorators.ts";
import { readHandlers } from "./handlers.ts";
import { processName } from "../naming.ts";
import { follow } from "./origin.ts";
import { Problems } from "./problems.ts";
import { readProgram, type Sources } from "./program.ts";
import { SourceFiles } from "./source_files.ts";
import { checkConstructor, readState } from "./state.ts";
import { docOf } from "./source_text.ts";
import { ShapeReader } from "./shape_reader.ts";

export interface AppModel {
  readonly processes: readonly ProcessModel[];
  readonly files: SourceFiles;
}

/**
 * Reads the processes that `modules` export.
 *
 * @param folder texts of errors name files relative to it.
 * @throws {GenerateError} with everything that is wrong.
 */
export function readApp(modules: readonly string[], folder: string): AppModel {
  const files = new SourceFiles();
  const configurations = new Configurations(files);
  const problems = new Problems(folder);
  const sources = readProgram(modules, files, configurations);
  checkSyntax(sources, problems);
  const processes: ProcessModel[] = [];
  for (const declaration of processClasses(sources, modules, problems)) {
    const model = readProcess(sources, configurations, problems, declaration);
    if (model === undefined) continue;
    const twin = processes.find((other) => other.id === model.id);
    if (twin === undefined) processes.push(model);
    else {
      const fix = `rename one of the two: the other is in ${twin.source.slice(folder.length + 1)}`;
      problems.add(model.className, `its id ${model.id} is that of another class`, declaration.name!, fix);
    }
  }
  if (problems.issues.length > 0) throw new GenerateError(problems.issues);
  return { processes, files };
}

/** A file that is being edited must not become a contract with half of its handlers. */
function checkSyntax({ program }: Sources, problems: Problems): void {
  for (const file of program.getSourceFiles()) {
    for (const { start, messageText } of program.getSyntacticDiagnostics(file)) {
      const text = ts.flattenDiagnosticMessageText(messageText, " ").replace(/\.$/, "");
      problems.addAt(
        basename(file.fileName),
        "it has a syntax error",
        file,
        start,
        "correct the syntax",
        text,
      );
    }
  }
}

/** The classes with `@process` that the modules export, each once. */
function processClasses({ program, checker }: Sources, modules: readonly string[], problems: Problems) {
  const classes = new Set<ts.ClassDeclaration>();
  for (const module of modules) {
    const file = program.getSourceFile(module);
    if (file === undefined) continue;
    const symbol = checker.getSymbolAtLocation(file);
    for (const exported of symbol ? checker.getExportsOfModule(symbol) : []) {
      const origin = follow(checker, exported);
      const declaration = origin.kind === "app"
        ? origin.symbol.declarations?.find(ts.isClassDeclaration)
        : undefined;
      if (declaration && processOf(checker, declaration)) classes.add(declaration);
    }
    for (const statement of file.statements) {
      if (!ts.isClassDeclaration(statement) || classes.has(statement) || !processOf(checker, statement)) {
        continue;
      }
      const name = statement.name?.text ?? "a class";
      problems.add(
        name,
        "a process is an exported class",
        statement.name ?? statement,
        `write "export" in front of it`,
      );
    }
  }
  return classes;
}

function processOf(checker: ts.TypeChecker, node: ts.ClassDeclaration): DecoratorUse | undefined {
  return decoratorsOf(checker, node).find((use) => use.name === "process");
}

function readProcess(
  { checker }: Sources,
  configurations: Configurations,
  problems: Problems,
  node: ts.ClassDeclaration,
): ProcessModel | undefined {
  const source = node.getSourceFile().fileName;
  const className = node.name?.text;
  if (className === undefined) {
    problems.add("a class", "a process has a name", node, "name the class");
    return undefined;
  }
  const name = processName(className);
  if (!PROCESS_NAME.pattern.test(name)) {
    problems.add(
      className,
      `its name gives no address: ${name}`,
      node.name!,
      "name it with the letters A to Z and digits",
    );
    return undefined;
  }
  const reader = new ShapeReader(checker, problems);
  reader.files.add(source);
  const keyed = readKeyed(processOf(checker, node)!, problems, className);
  if (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract) {
    problems.add(className, "a process has instances", node.name!, "take abstract away");
  }
  if (node.typeParameters) {
    problems.add(
      className,
      "a process has no type parameters",
      node.typeParameters[0]!,
      "write the types themselves",
    );
  }
  checkConstructor(reader, node, className);
  const state = readState(reader, node, className);
  const handlers = readHandlers(reader, node, className);
  try {
    const identity = configurations.identityOf(dirname(source));
    const id = `${name}:${identity.package}:${identity.publisher}`;
    const sources = [...reader.files].sort();
    return { className, id, keyed, source, doc: docOf(node), state, handlers, types: reader.types, sources };
  } catch (error) {
    if (!(error instanceof ConfigurationProblem)) throw error;
    problems.addFile(className, error.reason, error.file, error.fix);
    return undefined;
  }
}

/** Whether `@process({ … keyed: true … })` says so; the generator runs nothing, so it must be written in place. */
function readKeyed(use: DecoratorUse, problems: Problems, className: string): boolean {
  const [options] = use.args;
  if (options === undefined || !ts.isObjectLiteralExpression(options)) {
    problems.add(
      className,
      "the options of @process are not written in place",
      use.node,
      'write @process({ name: "…" })',
    );
    return false;
  }
  for (const property of options.properties) {
    if (ts.isSpreadAssignment(property)) {
      problems.add(
        className,
        "the options of @process hold a spread",
        property,
        "write each option in place",
      );
    } else if (property.name?.getText().replace(/^["']|["']$/g, "") === "keyed") {
      const value = ts.isPropertyAssignment(property) ? property.initializer.kind : undefined;
      if (value === ts.SyntaxKind.TrueKeyword) return true;
      if (value !== ts.SyntaxKind.FalseKeyword) {
        problems.add(
          className,
          '"keyed" is not written in place',
          property,
          'write "keyed: true" or "keyed: false"',
        );
      }
    }
  }
  return false;
}
