/**
 * Evaluates the expressions that decorators are given, without running anything of the app: literals,
 * templates, arithmetic, lists and objects, enum members, `const` variables (of other modules too), and the
 * functions of `@denizen/macro` that make endpoints and save policies.
 */
import ts from "typescript";
import { Http, Ws } from "../../declare/bindings.ts";
import { Save } from "../../declare/save.ts";
import { computed, literalOf, NotConstant, withoutTypes, WRITE_LITERAL } from "./constant_syntax.ts";
import { follow, originOf } from "./origin.ts";
import type { Reading } from "./reading.ts";

/** The exports of `@denizen/macro` that options may use. */
const OURS: Readonly<Record<string, unknown>> = { Http, Ws, Save };
const CALLABLE: ReadonlySet<unknown> = new Set([Http, Ws, Save.everyNMessages, Save.everySeconds]);

const GLOBALS: Readonly<Record<string, unknown>> = { undefined, Infinity, NaN };

type Evaluate = (node: ts.Expression) => unknown;

/**
 * Evaluates an expression.
 *
 * @throws {NotConstant} with the part that cannot be evaluated.
 */
export function evaluate(reading: Reading, node: ts.Expression): unknown {
  return new Evaluation(reading).value(node);
}

class Evaluation {
  readonly #open = new Set<ts.Node>();

  constructor(private readonly reading: Reading) {}

  readonly value: Evaluate = (expression) => {
    const node = withoutTypes(expression);
    const literal = literalOf(node);
    if (literal !== undefined) return literal.value;
    if (ts.isTemplateExpression(node)) {
      const parts = node.templateSpans.map((span) => this.#text(span.expression) + span.literal.text);
      return node.head.text + parts.join("");
    }
    if (ts.isPrefixUnaryExpression(node)) return this.#prefix(node);
    if (ts.isBinaryExpression(node)) return this.#binary(node);
    if (ts.isArrayLiteralExpression(node)) return this.#list(node.elements);
    if (ts.isObjectLiteralExpression(node)) return this.#object(node);
    if (ts.isIdentifier(node)) return this.#variable(node);
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return this.#member(node);
    if (ts.isCallExpression(node)) return this.#call(node);
    throw computed(node);
  };

  /** A value as a part of a text. */
  #text(node: ts.Expression): string {
    const value = this.value(node);
    if (typeof value === "object" || typeof value === "function") throw computed(node);
    return String(value);
  }

  #prefix(node: ts.PrefixUnaryExpression): unknown {
    const value = this.value(node.operand);
    switch (node.operator) {
      case ts.SyntaxKind.MinusToken:
        if (typeof value === "number" || typeof value === "bigint") return -value;
        break;
      case ts.SyntaxKind.PlusToken:
        if (typeof value === "number") return value;
        break;
      case ts.SyntaxKind.ExclamationToken:
        return !value;
    }
    throw computed(node);
  }

  #binary(node: ts.BinaryExpression): unknown {
    const left = this.value(node.left), right = this.value(node.right);
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.PlusToken && (typeof left === "string" || typeof right === "string")) {
      return this.#text(node.left) + this.#text(node.right);
    }
    if (typeof left !== "number" || typeof right !== "number") throw computed(node);
    switch (operator) {
      case ts.SyntaxKind.PlusToken:
        return left + right;
      case ts.SyntaxKind.MinusToken:
        return left - right;
      case ts.SyntaxKind.AsteriskToken:
        return left * right;
      case ts.SyntaxKind.SlashToken:
        return left / right;
      case ts.SyntaxKind.AsteriskAsteriskToken:
        return left ** right;
      default:
        throw computed(node);
    }
  }

  #list(elements: readonly ts.Expression[]): unknown[] {
    return elements.flatMap((element) => {
      if (!ts.isSpreadElement(element)) return [this.value(element)];
      const list = this.value(element.expression);
      if (!Array.isArray(list)) throw computed(element);
      return list;
    });
  }

  #object(node: ts.ObjectLiteralExpression): object {
    const members = membersOf(this.reading, node);
    return Object.fromEntries([...members].map(([name, { node, value }]) => {
      if (value === undefined) throw computed(node);
      return [name, this.value(value)];
    }));
  }

  #variable(node: ts.Identifier): unknown {
    const origin = originOf(this.reading.checker, node);
    if (origin.kind === "ours" && Object.hasOwn(OURS, origin.name)) return OURS[origin.name];
    if (origin.kind === "unknown" && Object.hasOwn(GLOBALS, node.text)) return GLOBALS[node.text];
    const initializer = constantInitializer(this.reading, node);
    if (this.#open.has(initializer)) throw computed(node);
    this.#open.add(initializer);
    try {
      return this.value(initializer);
    } finally {
      this.#open.delete(initializer);
    }
  }

  #member(node: ts.PropertyAccessExpression | ts.ElementAccessExpression): unknown {
    const constant = this.#enumMember(node);
    if (constant !== undefined) return constant;
    if (ts.isPropertyAccessExpression(node)) {
      const origin = originOf(this.reading.checker, node);
      if (origin.kind === "ours" && Object.hasOwn(OURS, origin.name)) return OURS[origin.name];
    }
    const object = this.#partOf(node, node.expression);
    const name = ts.isPropertyAccessExpression(node)
      ? node.name.text
      : String(this.value(node.argumentExpression));
    if (typeof object !== "object" || object === null) throw computed(node);
    if (!Object.hasOwn(object, name)) throw new NotConstant(node, `there is no member "${name}"`, "");
    return (object as Record<string, unknown>)[name];
  }

  /** `Color.Red` */
  #enumMember(node: ts.PropertyAccessExpression | ts.ElementAccessExpression): string | number | undefined {
    const { checker, files } = this.reading;
    const name = ts.isPropertyAccessExpression(node) ? node.name : node.argumentExpression;
    const member = checker.getSymbolAtLocation(name)?.declarations?.find(ts.isEnumMember);
    if (member === undefined) return undefined;
    files.add(member.getSourceFile().fileName);
    return checker.getConstantValue(member);
  }

  #call(node: ts.CallExpression): unknown {
    const called = this.#partOf(node, node.expression);
    if (!CALLABLE.has(called)) throw computed(node);
    const args = this.#list(node.arguments);
    try {
      return (called as (...args: unknown[]) => unknown)(...args);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new NotConstant(node, reason.replace(/^Cannot .+? as /, ""), "");
    }
  }

  /** Evaluates a part of `whole`; if the part is computed, `whole` is reported. */
  #partOf(whole: ts.Expression, part: ts.Expression): unknown {
    try {
      return this.value(part);
    } catch (error) {
      throw error instanceof NotConstant && error.node === part ? computed(whole) : error;
    }
  }
}

/** The initial value of the `const` that a name refers to. */
function constantInitializer({ checker, files }: Reading, node: ts.Identifier): ts.Expression {
  const shorthand = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : undefined;
  const origin = shorthand === undefined ? originOf(checker, node) : follow(checker, shorthand);
  if (origin.kind === "unknown" && origin.module !== undefined) {
    throw new NotConstant(
      node,
      `it comes from "${origin.module}", which is not among the app's files`,
      WRITE_LITERAL,
    );
  }
  const declaration = origin.kind === "app"
    ? origin.symbol.declarations?.find(ts.isVariableDeclaration)
    : undefined;
  if (declaration?.initializer === undefined || !ts.isIdentifier(declaration.name)) throw computed(node);
  if (!(ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const)) {
    throw new NotConstant(node, "it is a variable that may change", "declare it with const");
  }
  files.add(declaration.getSourceFile().fileName);
  return declaration.initializer;
}

/** A member of an object literal. */
export interface Member {
  readonly node: ts.Node;
  /** Absent for a method. */
  readonly value?: ts.Expression;
}

/**
 * The members of an object literal, or of a `const` that is one, by name. Spread objects are merged in.
 *
 * @throws {NotConstant} if its members are computed.
 */
export function membersOf(reading: Reading, expression: ts.Expression): Map<string, Member> {
  const node = withoutTypes(expression);
  if (ts.isIdentifier(node)) return membersOf(reading, constantInitializer(reading, node));
  if (!ts.isObjectLiteralExpression(node)) throw computed(node);
  const members = new Map<string, Member>();
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      for (const [name, member] of membersOf(reading, property.expression)) members.set(name, member);
      continue;
    }
    const name = nameOf(reading, property.name);
    if (ts.isPropertyAssignment(property)) members.set(name, { node: property, value: property.initializer });
    else if (ts.isShorthandPropertyAssignment(property)) {
      members.set(name, { node: property, value: property.name });
    } else members.set(name, { node: property });
  }
  return members;
}

function nameOf(reading: Reading, name: ts.PropertyName): string {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  if (ts.isComputedPropertyName(name)) {
    const value = evaluate(reading, name.expression);
    if (typeof value === "string" || typeof value === "number") return String(value);
  }
  throw computed(name);
}
