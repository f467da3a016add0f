/** Records: the members of interfaces and type literals. */
import ts from "typescript";
import type { Field, Shape } from "../model.ts";
import { type Reading, REPORTED, type Scope, unsupported } from "./reading.ts";
import { docOf } from "./source_text.ts";

type RecordShape = Extract<Shape, { kind: "record" }>;

/** The record of a shape, if it is one. */
export function recordOf(reading: Reading, shape: Shape): RecordShape | undefined {
  const found = reading.resolve(shape);
  return found?.kind === "record" ? found : undefined;
}

export function isMemberName(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}

/** The name of a member, if it is known statically. */
export function memberName(name: ts.PropertyName | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNoSubstitutionTemplateLiteral(name)) {
    return name.text;
  }
  if (ts.isNumericLiteral(name)) return name.text;
  return ts.isComputedPropertyName(name) && ts.isStringLiteral(name.expression)
    ? name.expression.text
    : undefined;
}

/** A record, or a dictionary where the only member is an index signature over strings. */
export function readMembers(reading: Reading, members: readonly ts.TypeElement[], scope: Scope): Shape {
  const index = members.find(ts.isIndexSignatureDeclaration);
  if (index !== undefined) return readIndex(reading, index, members.length, scope);
  const fields: Field[] = [];
  for (const member of members) {
    if (!ts.isPropertySignature(member)) {
      unsupported(reading, member, "leave functions out of data, or write an interface without them");
      continue;
    }
    const name = memberName(member.name);
    if (name === undefined || name === "__proto__") {
      unsupported(reading, member, "write a plain name for the field");
    } else fields.push(readField(reading, name, member, scope));
  }
  return { kind: "record", fields };
}

function readIndex(
  reading: Reading,
  index: ts.IndexSignatureDeclaration,
  members: number,
  scope: Scope,
): Shape {
  const key = index.parameters[0]?.type;
  if (members > 1) return unsupported(reading, index, "write either fields or an index signature, not both");
  if (key?.kind !== ts.SyntaxKind.StringKeyword) {
    return unsupported(reading, index, "write Record<string, T>, or a Map for other keys");
  }
  return { kind: "dictionary", value: reading.read(index.type, scope) };
}

/** A property of a record: `name?: T`, `name: T | undefined` or `name: T`. */
export function readField(
  reading: Reading,
  name: string,
  node: { readonly type?: ts.TypeNode; readonly questionToken?: ts.Node } & ts.Node,
  scope: Scope,
): Field {
  const doc = docOf(node);
  if (node.type === undefined) {
    unsupported(reading, node, "write the field's type");
    return { name, shape: REPORTED, doc };
  }
  const { members, undefinable } = withoutUndefined(node.type);
  const shape = undefinable ? reading.readUnion(members, node.type, scope) : reading.read(node.type, scope);
  const optional = node.questionToken ? "absent" : undefinable ? "undefined" : undefined;
  return optional === undefined ? { name, shape, doc } : { name, shape, optional, doc };
}

/** Splits `undefined` off a union. */
export function withoutUndefined(
  node: ts.TypeNode,
): { members: readonly ts.TypeNode[]; undefinable: boolean } {
  if (!ts.isUnionTypeNode(node)) return { members: [node], undefinable: false };
  const members = node.types.filter((member) => member.kind !== ts.SyntaxKind.UndefinedKeyword);
  return { members, undefinable: members.length < node.types.length };
}
