/** Inferred types: those of fields with an initial value, and of `typeof`. */
import ts from "typescript";
import type { Field, Shape } from "../model.ts";
import { follow } from "./origin.ts";
import { NO_SCOPE, type Reading, REPORTED, unsupported } from "./reading.ts";
import { unite } from "./unions.ts";

/**
 * The shape of an initial value, from its syntax: `new Map<string, u32>()` keeps its `u32`.
 *
 * @param node the declaration that has the value, or its name.
 */
export function readInitializer(reading: Reading, value: ts.Expression, node: ts.Node): Shape {
  if (ts.isParenthesizedExpression(value)) return readInitializer(reading, value.expression, node);
  if (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) {
    if (!ts.isConstTypeReference(value.type)) return reading.read(value.type, NO_SCOPE);
    return readInitializer(reading, value.expression, node);
  }
  if (ts.isNewExpression(value) && ts.isIdentifier(value.expression)) {
    const origin = reading.checker.getSymbolAtLocation(value.expression);
    const builtin = origin && follow(reading.checker, origin);
    const [first, second] = (value.typeArguments ?? []).map((arg) => reading.read(arg, NO_SCOPE));
    if (builtin?.kind === "builtin" && builtin.name === "Map" && first && second) {
      return { kind: "map", key: first, value: second, readonly: false };
    }
    if (builtin?.kind === "builtin" && builtin.name === "Set" && first) {
      return { kind: "set", element: first, readonly: false };
    }
  }
  const type = reading.checker.getTypeAtLocation(node);
  const isReadonly = ts.isPropertyDeclaration(node.parent) &&
    (ts.getCombinedModifierFlags(node.parent) & ts.ModifierFlags.Readonly) !== 0;
  return readInferred(reading, isReadonly ? reading.checker.getBaseTypeOfLiteralType(type) : type, node);
}

/** Reports a type that must be written. */
function unwritten(reading: Reading, node: ts.Node): Shape {
  if (ts.isTypeNode(node)) return unsupported(reading, node, "write its type");
  const { name, part } = reading.subject;
  reading.problems.add(
    name,
    `${part} has an initial value from which its type cannot be inferred`,
    node,
    "write its type",
  );
  return REPORTED;
}

/** The shape of a type that the checker inferred. A number is an `f64`, because its alias is lost. */
export function readInferred(reading: Reading, type: ts.Type, node: ts.Node): Shape {
  const { flags } = type;
  if (flags & ts.TypeFlags.Any) return unwritten(reading, node);
  if (flags & ts.TypeFlags.EnumLike) return readEnumLike(reading, type, node);
  if (flags & ts.TypeFlags.String) return { kind: "string" };
  if (flags & ts.TypeFlags.Number) return { kind: "float", format: "f64" };
  if (flags & ts.TypeFlags.BigInt) return { kind: "bigint", format: "bigint" };
  if (flags & ts.TypeFlags.Boolean) return { kind: "boolean" };
  if (flags & ts.TypeFlags.Null) return { kind: "null" };
  if (type.isStringLiteral() || type.isNumberLiteral()) {
    return { kind: "enum", values: [{ value: type.value }] };
  }
  if (flags & ts.TypeFlags.BooleanLiteral) {
    return { kind: "enum", values: [{ value: reading.checker.typeToString(type) === "true" }] };
  }
  if (type.aliasSymbol !== undefined || type.isUnion()) return readAliased(reading, type, node);
  if (flags & ts.TypeFlags.Object) return readObject(reading, type as ts.ObjectType, node);
  return unwritten(reading, node);
}

function readEnumLike(reading: Reading, type: ts.Type, node: ts.Node): Shape {
  return type.symbol ? reading.readDeclared(type.symbol, [], node) : unwritten(reading, node);
}

function readAliased(reading: Reading, type: ts.Type, node: ts.Node): Shape {
  const alias = type.aliasSymbol;
  const file = alias?.declarations?.[0]?.getSourceFile();
  if (alias !== undefined && file !== undefined && follow(reading.checker, alias).kind === "app") {
    return reading.readDeclared(
      alias,
      (type.aliasTypeArguments ?? []).map((arg) => readInferred(reading, arg, node)),
      node,
    );
  }
  if (type.isUnion()) {
    return unite(
      reading,
      type.types.map((member) => readInferred(reading, member, node)),
      node,
    );
  }
  return type.flags & ts.TypeFlags.Object
    ? readObject(reading, type as ts.ObjectType, node)
    : unwritten(reading, node);
}

function readObject(reading: Reading, type: ts.ObjectType, node: ts.Node): Shape {
  const { checker } = reading;
  const args = () =>
    checker.getTypeArguments(type as ts.TypeReference).map((arg) => readInferred(reading, arg, node));
  if (checker.isTupleType(type)) {
    return { kind: "tuple", elements: args().map((shape) => ({ shape, optional: false })), readonly: false };
  }
  if (checker.isArrayType(type)) return { kind: "list", element: args()[0]!, readonly: false };
  const origin = type.symbol && follow(checker, type.symbol);
  if (origin?.kind === "builtin") return readBuiltinObject(reading, origin.name, args, node);
  if (origin?.kind === "app" && type.isClassOrInterface()) {
    return reading.readDeclared(origin.symbol, args(), node);
  }
  if (type.objectFlags & ts.ObjectFlags.Reference && origin?.kind === "app") {
    return reading.readDeclared(origin.symbol, args(), node);
  }
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
    return unwritten(reading, node);
  }
  const fields = type.getProperties().map((property): Field => {
    const declared = property.valueDeclaration;
    const shape = declared && ts.isPropertySignature(declared) && declared.type
      ? reading.read(declared.type, NO_SCOPE)
      : readInferred(reading, checker.getTypeOfSymbolAtLocation(property, node), node);
    return property.flags & ts.SymbolFlags.Optional
      ? { name: property.name, shape, optional: "absent" }
      : { name: property.name, shape };
  });
  return fields.length === 0 ? unwritten(reading, node) : { kind: "record", fields };
}

function readBuiltinObject(reading: Reading, name: string, args: () => Shape[], node: ts.Node): Shape {
  switch (name) {
    case "Date":
      return { kind: "date" };
    case "Uint8Array":
      return { kind: "bytes" };
    case "Map": {
      const [key, value] = args();
      return { kind: "map", key: key!, value: value!, readonly: false };
    }
    case "Set":
      return { kind: "set", element: args()[0]!, readonly: false };
    default:
      return unwritten(reading, node);
  }
}
