/**
 * Reads types as they are written. Syntax rather than the checker's types, because to the checker `u32` is
 * `number`; names are followed to their declarations and type parameters carried along.
 */
import ts from "typescript";
import type { Field, NamedType, Shape, TupleElement } from "../model.ts";
import { adviceForKeyword } from "./advice.ts";
import { readInferred } from "./inferred.ts";
import { NamedTypes } from "./named_types.ts";
import { follow } from "./origin.ts";
import type { Problems, Subject } from "./problems.ts";
import { readMembers, recordOf } from "./records.ts";
import { readReference } from "./references.ts";
import { type Reading, type Scope, unsupported } from "./reading.ts";
import { unite } from "./unions.ts";
import { intersect, keysOf, memberOf } from "./utility_types.ts";

const KEYWORDS: Partial<Record<ts.SyntaxKind, Shape>> = {
  [ts.SyntaxKind.NumberKeyword]: { kind: "float", format: "f64" },
  [ts.SyntaxKind.BigIntKeyword]: { kind: "bigint", format: "bigint" },
  [ts.SyntaxKind.StringKeyword]: { kind: "string" },
  [ts.SyntaxKind.BooleanKeyword]: { kind: "boolean" },
};

export class ShapeReader implements Reading {
  readonly files = new Set<string>();
  subject: Subject = { name: "", part: "" };
  readonly #types = new NamedTypes();

  constructor(readonly checker: ts.TypeChecker, readonly problems: Problems) {}

  get types(): readonly NamedType[] {
    return this.#types.all;
  }

  named(name: string): NamedType | undefined {
    return this.#types.entry(name)?.type;
  }

  resolve(shape: Shape): Shape | undefined {
    let found: Shape | undefined = shape;
    while (found?.kind === "named") found = this.#types.entry(found.name)?.shape;
    return found;
  }

  readDeclared(symbol: ts.Symbol, args: readonly Shape[], node: ts.Node): Shape {
    return this.#types.read(this, symbol, args, node);
  }

  readUnion(members: readonly ts.TypeNode[], node: ts.Node, scope: Scope): Shape {
    return unite(this, members.map((member) => this.read(member, scope)), node);
  }

  read(node: ts.TypeNode, scope: Scope): Shape {
    this.files.add(node.getSourceFile().fileName);
    const keyword = KEYWORDS[node.kind];
    if (keyword !== undefined) return keyword;
    if (ts.isTypeReferenceNode(node)) {
      return readReference(this, node, node.typeName, node.typeArguments ?? [], scope);
    }
    if (ts.isExpressionWithTypeArguments(node)) {
      return readReference(this, node, node.expression, node.typeArguments ?? [], scope);
    }
    if (ts.isParenthesizedTypeNode(node)) return this.read(node.type, scope);
    if (ts.isArrayTypeNode(node)) {
      return { kind: "list", element: this.read(node.elementType, scope), readonly: false };
    }
    if (ts.isUnionTypeNode(node)) return this.readUnion(node.types, node, scope);
    if (ts.isIntersectionTypeNode(node)) {
      return intersect(this, node.types.map((member) => this.read(member, scope)), node);
    }
    if (ts.isTypeLiteralNode(node)) return readMembers(this, [...node.members], scope);
    if (ts.isLiteralTypeNode(node)) return this.#readLiteral(node);
    if (ts.isTupleTypeNode(node)) return this.#readTuple(node, scope);
    if (ts.isTypeOperatorNode(node)) return this.#readOperator(node, scope);
    if (ts.isIndexedAccessTypeNode(node)) return this.#readIndexed(node, scope);
    if (ts.isMappedTypeNode(node)) return this.#readMapped(node, scope);
    if (ts.isImportTypeNode(node)) return this.#readImport(node, scope);
    if (ts.isTypeQueryNode(node)) return readInferred(this, this.checker.getTypeFromTypeNode(node), node);
    return unsupported(this, node, adviceFor(node));
  }

  #readLiteral(node: ts.LiteralTypeNode): Shape {
    const { literal } = node;
    if (literal.kind === ts.SyntaxKind.NullKeyword) return { kind: "null" };
    if (literal.kind === ts.SyntaxKind.TrueKeyword) return { kind: "enum", values: [{ value: true }] };
    if (literal.kind === ts.SyntaxKind.FalseKeyword) return { kind: "enum", values: [{ value: false }] };
    if (ts.isStringLiteralLike(literal)) return { kind: "enum", values: [{ value: literal.text }] };
    if (ts.isNumericLiteral(literal)) return { kind: "enum", values: [{ value: Number(literal.text) }] };
    if (ts.isPrefixUnaryExpression(literal) && ts.isNumericLiteral(literal.operand)) {
      return { kind: "enum", values: [{ value: -Number(literal.operand.text) }] };
    }
    return unsupported(this, node, "write string, number or boolean literals");
  }

  #readTuple(node: ts.TupleTypeNode, scope: Scope): Shape {
    const elements: TupleElement[] = [];
    for (const element of node.elements) {
      const named = ts.isNamedTupleMember(element);
      const rest = ts.isRestTypeNode(element) || (named && element.dotDotDotToken !== undefined);
      if (rest) return unsupported(this, node, "write a record with a list instead of a rest element");
      const optional = ts.isOptionalTypeNode(element) || (named && element.questionToken !== undefined);
      const type = named || ts.isOptionalTypeNode(element) ? element.type : element;
      elements.push({ shape: this.read(type, scope), optional });
    }
    return { kind: "tuple", elements, readonly: false };
  }

  #readOperator(node: ts.TypeOperatorNode, scope: Scope): Shape {
    if (node.operator === ts.SyntaxKind.UniqueKeyword) {
      return unsupported(this, node, adviceForKeyword("symbol"));
    }
    const inner = this.read(node.type, scope);
    if (node.operator === ts.SyntaxKind.KeyOfKeyword) return keysOf(this, inner, node);
    return inner.kind === "list" || inner.kind === "tuple" ? { ...inner, readonly: true } : inner;
  }

  #readIndexed(node: ts.IndexedAccessTypeNode, scope: Scope): Shape {
    const object = ts.isParenthesizedTypeNode(node.objectType) ? node.objectType.type : node.objectType;
    if (ts.isTypeQueryNode(object)) return readInferred(this, this.checker.getTypeFromTypeNode(node), node);
    const index = node.indexType.kind === ts.SyntaxKind.NumberKeyword
      ? "number"
      : this.read(node.indexType, scope);
    return memberOf(this, this.read(object, scope), index, node);
  }

  /** `{ [K in "a" | "b"]: T }`, and `{ [K in keyof T]: T[K] }` with its modifiers. */
  #readMapped(node: ts.MappedTypeNode, scope: Scope): Shape {
    const parameter = node.typeParameter;
    const symbol = this.checker.getSymbolAtLocation(parameter.name);
    const names = parameter.constraint && this.resolve(this.read(parameter.constraint, scope));
    if (
      symbol === undefined || names?.kind !== "enum" || node.nameType !== undefined || node.type === undefined
    ) {
      return unsupported(this, node, "write the record out");
    }
    const source = this.#mappedSource(parameter.constraint!, scope);
    const fields = names.values.map(({ value }): Field => {
      const inner = new Map([...scope, [symbol, { kind: "enum", values: [{ value }] } satisfies Shape]]);
      const kept = source?.fields.find((field) => field.name === value);
      const shape = this.#isMember(node.type!, symbol) && kept ? kept.shape : this.read(node.type!, inner);
      const optional = optionalAfter(node.questionToken, kept?.optional);
      return optional === undefined
        ? { name: String(value), shape }
        : { name: String(value), shape, optional };
    });
    return { kind: "record", fields };
  }

  /** `T` in `keyof T`. */
  #mappedSource(constraint: ts.TypeNode, scope: Scope): Extract<Shape, { kind: "record" }> | undefined {
    if (!ts.isTypeOperatorNode(constraint) || constraint.operator !== ts.SyntaxKind.KeyOfKeyword) {
      return undefined;
    }
    return recordOf(this, this.read(constraint.type, scope));
  }

  /** Whether a type is `T[K]` for the mapped type's own `K`. */
  #isMember(type: ts.TypeNode, parameter: ts.Symbol): boolean {
    if (!ts.isIndexedAccessTypeNode(type) || !ts.isTypeReferenceNode(type.indexType)) return false;
    return this.checker.getSymbolAtLocation(type.indexType.typeName) === parameter;
  }

  /** `import("./todo.ts").Todo` */
  #readImport(node: ts.ImportTypeNode, scope: Scope): Shape {
    const symbol = node.qualifier && this.checker.getSymbolAtLocation(node.qualifier);
    const origin = symbol && follow(this.checker, symbol);
    if (origin?.kind !== "app") return unsupported(this, node, "import the type by its name");
    return this.readDeclared(
      origin.symbol,
      (node.typeArguments ?? []).map((arg) => this.read(arg, scope)),
      node,
    );
  }
}

function optionalAfter(
  token: ts.MappedTypeNode["questionToken"],
  before: Field["optional"],
): Field["optional"] {
  if (token === undefined) return before;
  return token.kind === ts.SyntaxKind.MinusToken ? undefined : "absent";
}

function adviceFor(node: ts.TypeNode): string {
  if (ts.isFunctionTypeNode(node) || ts.isConstructorTypeNode(node)) {
    return "write a handler instead: a function cannot leave its process";
  }
  if (ts.isConditionalTypeNode(node) || ts.isInferTypeNode(node)) return "write the resulting type";
  if (ts.isTemplateLiteralTypeNode(node)) return "write string instead";
  if (ts.isTypePredicateNode(node)) return "write boolean instead";
  return adviceForKeyword(node.getText());
}
