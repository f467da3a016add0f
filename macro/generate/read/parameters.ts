/** Reads the parameters of a handler: their shapes, whether they are optional, their defaults. */
import ts from "typescript";
import type { Json } from "../../declare/schema.ts";
import type { Parameter, Shape } from "../model.ts";
import { evaluate } from "./constant.ts";
import { NotConstant } from "./constant_syntax.ts";
import { readInitializer } from "./inferred.ts";
import type { MethodDoc } from "./method_doc.ts";
import { NO_SCOPE, type Reading, REPORTED } from "./reading.ts";
import { withoutUndefined } from "./records.ts";
import { isRuntimeType } from "./signatures.ts";

interface Parameters {
  /** All but the context. */
  readonly parameters: readonly Parameter[];
  readonly takesContext: boolean;
}

/** @param name `Todo.add` */
export function readParameters(
  reading: Reading,
  node: ts.MethodDeclaration,
  name: string,
  doc: MethodDoc,
): Parameters {
  const all = node.parameters.filter((parameter) => parameter.name.getText() !== "this");
  const takesContext = isRuntimeType(reading, all.at(-1)?.type, "Context");
  const parameters: Parameter[] = [];
  for (const parameter of takesContext ? all.slice(0, -1) : all) {
    const read = readParameter(reading, parameter, name);
    if (read !== undefined) parameters.push({ ...read, doc: doc.parameters.get(read.name) });
  }
  return { parameters, takesContext };
}

function readParameter(reading: Reading, node: ts.ParameterDeclaration, name: string): Parameter | undefined {
  if (!ts.isIdentifier(node.name)) {
    reading.problems.add(
      name,
      "a parameter is destructured",
      node,
      "name it, and destructure it in the body",
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
  return { name: node.name.text, shape, optional, default: defaultOf(reading, node.initializer) };
}

/** Whether `null` is one of the values. */
export function isNullable(reading: Reading, shape: Shape): boolean {
  const kind = reading.resolve(shape)?.kind;
  return shape !== REPORTED && (kind === "option" || kind === "null" || kind === "json");
}

/** A default in wire form; `undefined` for one that is computed at each call. */
function defaultOf(reading: Reading, initializer: ts.Expression | undefined): Json | undefined {
  if (initializer === undefined) return undefined;
  try {
    return wireForm(evaluate(reading, initializer));
  } catch (error) {
    if (error instanceof NotConstant) return undefined;
    throw error;
  }
}

function wireForm(value: unknown): Json | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : Object.is(value, -0)
        ? "-0"
        : `${value}`;
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
    case "object":
      return value === null ? null : Array.isArray(value) ? wireList(value) : wireRecord(value);
    default:
      return undefined;
  }
}

function wireList(values: readonly unknown[]): Json | undefined {
  const list = values.map(wireForm);
  return list.some((value) => value === undefined) ? undefined : list as Json[];
}

function wireRecord(record: object): Json {
  const entries = Object.entries(record).map(([name, value]) => [name, wireForm(value)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
