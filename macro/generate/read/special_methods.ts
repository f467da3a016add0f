/** Reads the methods that the runtime calls itself, `@init` and `@ws`, and refuses a method `then`. */
import ts from "typescript";
import type { InitModel, SocketModel } from "../model.ts";
import { isRuntimeType, returnsNothing } from "./signatures.ts";
import { NO_SCOPE, type Reading } from "./reading.ts";
import { docOf } from "./source_text.ts";

export function readInit(reading: Reading, node: ts.MethodDeclaration, className: string): InitModel {
  const name = `${className}.${node.name.getText()}`;
  const [first, second] = node.parameters;
  if (second !== undefined || (first !== undefined && !isRuntimeType(reading, first.type, "Context"))) {
    reading.problems.add(
      name,
      "@init takes the Context or nothing",
      second ?? first!,
      `write "(ctx: Context)" or "()"`,
    );
  }
  if (!returnsNothing(reading, node)) {
    reading.problems.add(name, "@init returns nothing", node.type!, `write ": void" or ": Promise<void>"`);
  }
  return { method: node.name.getText(), doc: docOf(node), takesContext: first !== undefined };
}

export function readSocket(reading: Reading, node: ts.MethodDeclaration, className: string): SocketModel {
  const name = `${className}.${node.name.getText()}`;
  const fix = `write "(channel: u32, event: WsEvent, ctx: Context)"; the last may be left out`;
  const [channel, event, context, more] = node.parameters;
  reading.subject = { name, part: "its first parameter" };
  const shape = channel?.type && reading.read(channel.type, NO_SCOPE);
  const wrong = shape?.kind !== "integer" || shape.format !== "u32"
    ? channel ?? node.name
    : !isRuntimeType(reading, event?.type, "WsEvent")
    ? event ?? node.name
    : context !== undefined && !isRuntimeType(reading, context.type, "Context")
    ? context
    : more;
  if (wrong !== undefined) reading.problems.add(name, "@ws methods have a fixed signature", wrong, fix);
  if (!returnsNothing(reading, node)) {
    reading.problems.add(name, "@ws returns nothing", node.type!, `write ": void" or ": Promise<void>"`);
  }
  return {
    method: node.name.getText(),
    doc: docOf(node),
    takesContext: context !== undefined,
    // The types of the runtime, WsEvent and WsData, have no parameters for more specific messages.
    receives: ["text", "binary"],
    sends: ["text", "binary", "json"],
  };
}

/**
 * An object with a method `then` counts as a promise: `await` would call it, and the process would never
 * start.
 */
export function refuseThen(reading: Reading, node: ts.ClassDeclaration, className: string): void {
  const then = reading.checker.getTypeAtLocation(node).getProperty("then");
  for (const member of then?.declarations ?? []) {
    const callable = ts.isMethodDeclaration(member) || ts.isAccessor(member) ||
      ts.isPropertyDeclaration(member) && member.initializer !== undefined &&
        (ts.isArrowFunction(member.initializer) || ts.isFunctionExpression(member.initializer));
    if (!callable) continue;
    reading.problems.add(
      `${className}.then`,
      "an instance with a method of that name would be taken for a promise",
      member.name,
      "rename it",
    );
  }
}
