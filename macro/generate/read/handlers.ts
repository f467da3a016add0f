/** Reads the decorated methods of a process: their options, parameters and results. */
import ts from "typescript";
import type { SavePolicy } from "../../declare/save.ts";
import type { HandlerModel, InitModel, SocketModel } from "../model.ts";
import { tagOf } from "../naming.ts";
import { decoratorsOf, type DecoratorUse } from "./decorators.ts";
import { readHandlerOptions, TRANSPORTS } from "./handler_options.ts";
import { readMethodDoc } from "./method_doc.ts";
import { readParameters } from "./parameters.ts";
import type { PlacedHandler } from "./reach.ts";
import { NO_SCOPE, type Reading, REPORTED } from "./reading.ts";
import { isResponse, unwrapPromise } from "./signatures.ts";
import { docOf } from "./source_text.ts";
import { readInit, readSocket } from "./special_methods.ts";

interface Placed<Model> {
  readonly model: Model;
  readonly node: ts.MethodDeclaration;
}

interface Methods {
  readonly handlers: readonly PlacedHandler[];
  readonly init?: Placed<InitModel>;
  readonly socket?: Placed<SocketModel>;
}

/** @param save the process's policy, which applies to handlers without one. */
export function readMethods(
  reading: Reading,
  node: ts.ClassDeclaration,
  className: string,
  save: SavePolicy,
): Methods {
  const handlers: PlacedHandler[] = [];
  let init: Methods["init"], socket: Methods["socket"];
  for (const member of node.members) {
    if (!ts.isMethodDeclaration(member)) continue;
    const uses = decoratorsOf(reading.checker, member);
    const has = (name: string) => uses.some((use) => use.name === name);
    if (has("init")) init = { model: readInit(reading, member, className), node: member };
    if (has("ws")) socket = { model: readSocket(reading, member, className), node: member };
    const reaching = uses.filter((use) => TRANSPORTS.some((transport) => transport === use.name));
    if (reaching.length === 0) continue;
    const model = readHandler(reading, member, className, reaching, save);
    if (model === undefined) continue;
    const twin = handlers.find((other) => other.model.tag === model.tag);
    if (twin === undefined) handlers.push({ model, node: member });
    else {
      reading.problems.add(
        `${className}.${model.method}`,
        `its tag ${model.tag} is that of ${twin.model.method} too`,
        member.name,
        "rename one of the two",
      );
    }
  }
  return { handlers, init, socket };
}

function readHandler(
  reading: Reading,
  node: ts.MethodDeclaration,
  className: string,
  uses: readonly DecoratorUse[],
  processSave: SavePolicy,
): HandlerModel | undefined {
  const method = ts.isIdentifier(node.name) || ts.isStringLiteral(node.name) ? node.name.text : "";
  const name = `${className}.${method || node.name.getText()}`;
  if (!checkSignature(reading, node, name, method)) return undefined;
  const settings = readHandlerOptions(reading, uses, name);
  const doc = readMethodDoc(docOf(node));
  const { parameters, takesContext } = readParameters(reading, node, name, doc);
  const result = readResult(reading, node, name);
  if (result === "response" && settings.transports.some((transport) => transport !== "http")) {
    reading.problems.add(
      name,
      "only an @http handler can return a Response or a ReadableStream",
      node.type!,
      "remove the other decorators, or return data",
    );
    return undefined;
  }
  return {
    tag: tagOf(method),
    method,
    doc: doc.text,
    ...settings,
    save: settings.save ?? processSave,
    parameters,
    takesContext,
    result,
    resultDoc: doc.result,
  };
}

/** Whether a method can be a handler; reports the reason if not. */
function checkSignature(reading: Reading, node: ts.MethodDeclaration, name: string, method: string): boolean {
  const refuse = (reason: string, at: ts.Node, fix: string) => {
    reading.problems.add(name, reason, at, fix);
    return false;
  };
  if (!/^[A-Za-z]\w*$/.test(tagOf(method))) {
    return refuse(
      "no tag can be made from its name",
      node.name,
      "write a name of letters, digits and _ that starts with a letter",
    );
  }
  const modifiers = ts.getCombinedModifierFlags(node);
  if (modifiers & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Static)) {
    return refuse(
      "a handler is a public method of the instance",
      node.name,
      "remove private, protected or static",
    );
  }
  if (node.asteriskToken) {
    return refuse("a handler cannot be a generator", node.name, "return a list or a ReadableStream");
  }
  if (node.typeParameters) {
    return refuse(
      "a handler cannot have type parameters",
      node.typeParameters[0]!,
      "write the types themselves",
    );
  }
  if (node.body === undefined) {
    return refuse("it has more than one signature", node.name, "keep one signature, with a body");
  }
  return true;
}

function readResult(reading: Reading, node: ts.MethodDeclaration, name: string): HandlerModel["result"] {
  if (node.type === undefined) {
    reading.problems.add(
      name,
      "its return type is missing",
      node.name,
      `write what it returns, for example ": u32", or ": void"`,
    );
    return REPORTED;
  }
  reading.subject = { name, part: "its result" };
  const type = unwrapPromise(reading, node.type);
  if (type.kind === ts.SyntaxKind.VoidKeyword) return { kind: "void" };
  const members = ts.isUnionTypeNode(type) ? type.types : [type];
  if (members.every((member) => isResponse(reading, member))) return "response";
  return reading.read(type, NO_SCOPE);
}
