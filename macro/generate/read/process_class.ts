/** Reads one process: its class, the options of `@process`, its state and its methods. */
import { dirname } from "node:path";
import ts from "typescript";
import { PROCESS_NAME } from "../../declare/address_names.ts";
import type { ProcessModel } from "../model.ts";
import { processName } from "../naming.ts";
import { ConfigurationProblem, type Configurations } from "./configuration.ts";
import { decoratorsOf, type DecoratorUse } from "./decorators.ts";
import { readMethods } from "./handlers.ts";
import type { Problems } from "./problems.ts";
import { readProcessOptions } from "./process_options.ts";
import { checkReach } from "./reach.ts";
import { ShapeReader } from "./shape_reader.ts";
import { docOf } from "./source_text.ts";
import { refuseThen } from "./special_methods.ts";
import { checkConstructor, readState } from "./state.ts";

/** The `@process` of a class, if it has one. */
export function processDecorator(
  checker: ts.TypeChecker,
  node: ts.ClassDeclaration,
): DecoratorUse | undefined {
  return decoratorsOf(checker, node).find((use) => use.name === "process");
}

/** A model without its digest, which is computed from the contents of `sources`. */
export type ReadProcess = Omit<ProcessModel, "digest">;

/** The model of a class with `@process`; `undefined` if it has no valid id. */
export function readProcess(
  checker: ts.TypeChecker,
  configurations: Configurations,
  problems: Problems,
  node: ts.ClassDeclaration,
): ReadProcess | undefined {
  const source = node.getSourceFile().fileName;
  const name = readName(problems, node);
  if (name === undefined) return undefined;
  const { className } = name;
  const reader = new ShapeReader(checker, problems);
  reader.files.add(source);
  const before = problems.count;
  const settings = readProcessOptions(reader, processDecorator(checker, node)!, className);
  checkClass(problems, node, className);
  checkConstructor(reader, node, className);
  refuseThen(reader, node, className);
  const state = readState(reader, node, className);
  const { handlers, init, socket } = readMethods(reader, node, className, settings.save);
  // After other problems, handlers or endpoints may be missing, and checks of the whole would mislead.
  if (problems.count === before) {
    checkReach(problems, { className, node, endpoints: settings.endpoints, handlers, init, socket });
  }
  try {
    const identity = configurations.identityOf(dirname(source));
    return {
      className,
      id: `${name.process}:${identity.package}:${identity.publisher}`,
      ...settings,
      source,
      doc: docOf(node),
      state: state.fields,
      constants: state.constants,
      handlers: handlers.map(({ model }) => model),
      init: init?.model,
      socket: socket?.model,
      types: reader.types,
      sources: [...reader.files].sort(),
    };
  } catch (error) {
    if (!(error instanceof ConfigurationProblem)) throw error;
    problems.addFile(className, error.reason, error.file, error.fix);
    return undefined;
  }
}

function readName(
  problems: Problems,
  node: ts.ClassDeclaration,
): { readonly className: string; readonly process: string } | undefined {
  const className = node.name?.text;
  if (className === undefined) {
    problems.add("a class", "a process has a name", node, "name the class");
    return undefined;
  }
  const process = processName(className);
  if (PROCESS_NAME.pattern.test(process)) return { className, process };
  problems.add(
    className,
    `no address can be made from its name: ${process}`,
    node.name!,
    "name it with the letters A to Z and digits",
  );
  return undefined;
}

function checkClass(problems: Problems, node: ts.ClassDeclaration, className: string): void {
  if (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract) {
    problems.add(className, "an abstract class has no instances", node.name!, "remove abstract");
  }
  if (node.typeParameters) {
    problems.add(
      className,
      "a process cannot have type parameters",
      node.typeParameters[0]!,
      "write the types themselves",
    );
  }
}
