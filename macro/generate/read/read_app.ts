/** Reads the processes of an app: the exported classes with `@process`. */
import { basename, dirname } from "node:path";
import ts from "typescript";
import { CONTRACT_FORMAT } from "../../declare/contract.ts";
import { GENERATOR_VERSION } from "../freshness/generation_record.ts";
import { hashesOf, hashOf } from "../freshness/hashes.ts";
import type { ProcessModel } from "../model.ts";
import { GenerateError } from "../generate_error.ts";
import { Configurations } from "./configuration.ts";
import { follow } from "./origin.ts";
import { Problems } from "./problems.ts";
import { processDecorator, type ReadProcess, readProcess } from "./process_class.ts";
import { readProgram, type Sources } from "./program.ts";
import { SourceFiles } from "./source_files.ts";

export interface AppModel {
  readonly processes: readonly ProcessModel[];
  readonly files: SourceFiles;
}

/**
 * Reads the processes that `modules` export.
 *
 * @param folder error texts name files relative to it.
 * @throws {GenerateError} with all problems.
 */
export async function readApp(modules: readonly string[], folder: string): Promise<AppModel> {
  const files = new SourceFiles();
  const configurations = new Configurations(files);
  const problems = new Problems(folder);
  const sources = readProgram(modules, files, configurations);
  checkSyntax(sources, problems);
  if (problems.count > 0) throw new GenerateError(problems.issues);
  const processes: ReadProcess[] = [];
  for (const declaration of processClasses(sources, modules, problems)) {
    const model = readProcess(sources.checker, configurations, problems, declaration);
    if (model === undefined) continue;
    const twin = processes.find((other) => other.id === model.id);
    if (twin === undefined) processes.push(model);
    else {
      const fix = `rename one of the two: the other is in ${twin.source.slice(folder.length + 1)}`;
      problems.add(model.className, `its id ${model.id} is that of another class`, declaration.name!, fix);
    }
  }
  if (problems.issues.length > 0) throw new GenerateError(problems.issues);
  const hashes = await hashesOf(files.found);
  const digested = processes.map(async (process) => ({
    ...process,
    digest: await digestOf(process, hashes),
  }));
  return { processes: await Promise.all(digested), files };
}

/** A digest of all that the model was made from. */
function digestOf(process: ReadProcess, hashes: ReadonlyMap<string, string>): Promise<string> {
  const folder = dirname(process.source);
  const files = process.sources.map((file) =>
    `${file.startsWith(folder) ? file.slice(folder.length) : basename(file)} ${hashes.get(file)}`
  );
  return hashOf([`${CONTRACT_FORMAT}.${GENERATOR_VERSION}`, process.id, ...files].join("\n"));
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
      if (declaration && processDecorator(checker, declaration)) classes.add(declaration);
    }
    for (const statement of file.statements) {
      if (
        !ts.isClassDeclaration(statement) || classes.has(statement) || !processDecorator(checker, statement)
      ) {
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
