/** The methods of a process that messages reach: their parameters, results and transports. */
import ts from "typescript";
import type { Transport } from "../../declare/contract.ts";
import type { HandlerModel, Parameter, Shape } from "../model.ts";
import { decoratorsOf } from "./decorators.ts";
import { readInitializer } from "./inferred.ts";
import { tagOf } from "../naming.ts";
import { originOf } from "./origin.ts";
import { NO_SCOPE, type Reading, REPORTED } from "./reading.ts";
import { withoutUndefined } from "./records.ts";
import { docOf } from "./source_text.ts";

const TRANSPORTS: readonly Transport[] = ["http", "local", "remote"];

export function readHandlers(reading: Reading, node: ts.ClassDeclaration, className: string): HandlerModel[] {
  const handlers: HandlerModel[] = [];
  for (const member of node.members) {
    if (!ts.isMethodDeclaration(member)) continue;
    const uses = decoratorsOf(reading.checker, member).map((use) => use.name);
    if (uses.includes("init")) checkInit(reading, member, className);
    if (uses.includes("ws")) checkSocket(reading, member, className);
    const transports = TRANSPORTS.filter((transport) => uses.includes(transport));
    if (transports.length === 0) continue;
    const handler = readHandler(reading, member, className, transports);
    if (handler === undefined) continue;
    const twin = handlers.find((other) => other.tag === handler.tag);
    if (twin !== undefined) {
      reading.problems.add(
        `${className}.${handler.method}`,
        `its tag ${handler.tag} is that of ${twin.method} too`,
        member.name,
        "rename one of the two",
      );
    } else handlers.push(handler);
  }
  return handlers;
}

function readHandler(
  reading: Reading,
  node: ts.MethodDeclaration,
  className: string,
  transports: readonly Transport[],
): HandlerModel | undefined {
  const method = ts.isIdentifier(node.name) || ts.isStringLiteral(node.name) ? node.name.text : "";
  const name = `${className}.${method || node.name.getText()}`;
  const refuse = (reason: string, at: ts.Node, fix: string) => {
    reading.problems.add(name, reason, at, fix);
    return undefined;
  };
  if (tagOf(method) === "" || !/^[A-Za-z]\w*$/.test(tagOf(method))) {
    return refuse(
      "its name gives no tag",
      node.name,
      "write a name of letters, digits and _ that starts with a letter",
    );
  }
  const modifiers = ts.getCombinedModifierFlags(node);
  if (modifiers & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Static)) {
    return refuse(
      "a handler is a public method of the instance",
      node.name,
      "take private, protected or static away",
    );
  }
  if (node.asteriskToken) {
    return refuse("a handler cannot be a generator", node.name, "return a list or a ReadableStream");
  }
  if (node.typeParameters) {
    return refuse("a handler has no type parameters", node.typeParameters[0]!, "write the types themselves");
  }
  if (node.body === undefined) {
    return refuse("it has more than one signature", node.name, "keep one signature, with a body");
  }
  const { parameters, takesContext } = readParameters(reading, node, name);
  const result = readResult(reading, node, name);
  if (result === "response" && transports.some((transport) => transport !== "http")) {
    return refuse(
      "only an @http handler can return a Response or a ReadableStream",
      node.type!,
      "take the other decorators away, or return data",
    );
  }
  return { tag: tagOf(method), method, doc: docOf(node), transports, parameters, takesContext, result };
}

function readParameters(
  reading: Reading,
  node: ts.MethodDeclaration,
  name: string,
): { parameters: Parameter[]; takesContext: boolean } {
  const all = node.parameters.filter((parameter) => parameter.name.getText() !== "this");
  const takesContext = isRuntimeType(reading, all.at(-1)?.type, "Context");
  const parameters: Parameter[] = [];
  for (const parameter of takesContext ? all.slice(0, -1) : all) {
    const read = readParameter(reading, parameter, name);
    if (read !== undefined) parameters.push(read);
  }
  return { parameters, takesContext };
}

function readParameter(reading: Reading, node: ts.ParameterDeclaration, name: string): Parameter | undefined {
  if (!ts.isIdentifier(node.name)) {
    reading.problems.add(
      name,
      "a parameter has no name of its own",
      node,
      "name it, and take it apart in the body",
    );
    return undefined;
  }
  const part = `parameter "${node.name.text}"`;
  if (node.dotDotDotToken) {
    reading.problems.add(name, `${part} takes any number of arguments`, node, "take a list instead");
    return undefined;
  }
  reading.subject = { name, part };
  if (node.type === undefined && node.initializer === undefined) {
    reading.problems.add(
      name,
      `${part} has no type`,
      node,
      `write one, for example "${node.name.text}: string"`,
    );
    return undefined;
  }
  const { members, undefinable } = node.type
    ? withoutUndefined(node.type)
    : { members: [], undefinable: false };
  const shape = node.type === undefined
    ? readInitializer(reading, node.initializer!, node)
    : undefinable
    ? reading.readUnion(members, node.type, NO_SCOPE)
    : reading.read(node.type, NO_SCOPE);
  const optional = node.questionToken !== undefined || node.initializer !== undefined || undefinable;
  if (optional && isNullable(reading, shape)) {
    reading.problems.add(
      name,
      `${part} is optional and may be null, which look the same on the wire`,
      node,
      "make it one of the two",
    );
  }
  return { name: node.name.text, shape, optional };
}

/** Whether `null` is one of the values. */
export function isNullable(reading: Reading, shape: Shape): boolean {
  const kind = reading.resolve(shape)?.kind;
  return shape !== REPORTED && (kind === "option" || kind === "null" || kind === "json");
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

/** `T` in `Promise<T>`. */
function unwrapPromise(reading: Reading, node: ts.TypeNode): ts.TypeNode {
  if (!ts.isTypeReferenceNode(node) || node.typeArguments?.length !== 1) return node;
  const origin = originOf(reading.checker, node.typeName);
  return origin.kind === "builtin" && origin.name === "Promise" ? node.typeArguments[0]! : node;
}

function isResponse(reading: Reading, node: ts.TypeNode): boolean {
  if (!ts.isTypeReferenceNode(node)) return false;
  const origin = originOf(reading.checker, node.typeName);
  return origin.kind === "builtin" && (origin.name === "Response" || origin.name === "ReadableStream");
}

function isRuntimeType(reading: Reading, node: ts.TypeNode | undefined, name: string): boolean {
  if (node === undefined || !ts.isTypeReferenceNode(node)) return false;
  const origin = originOf(reading.checker, node.typeName);
  return origin.kind === "ours" && origin.module === "@denizen/runtime" && origin.name === name;
}

function returnsNothing(reading: Reading, node: ts.MethodDeclaration): boolean {
  if (node.type === undefined) return true;
  return unwrapPromise(reading, node.type).kind === ts.SyntaxKind.VoidKeyword;
}

function checkInit(reading: Reading, node: ts.MethodDeclaration, className: string): void {
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
}

function checkSocket(reading: Reading, node: ts.MethodDeclaration, className: string): void {
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
  if (wrong !== undefined) reading.problems.add(name, "@ws has a signature of its own", wrong, fix);
  if (!returnsNothing(reading, node)) {
    reading.problems.add(name, "@ws returns nothing", node.type!, `write ": void" or ": Promise<void>"`);
  }
}
