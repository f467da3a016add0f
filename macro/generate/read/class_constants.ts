/**
 * The constants of a class: `readonly` fields whose value is written in the source. They belong to the class
 * and not to its state, as nothing but the source can give them another value.
 *
 * Initial values that count: a literal, a template, arithmetic, an enum member or a `const` made of these
 * (constant.ts), and lists and objects of them that are `as const`, so that their parts cannot change either.
 * A field that the constructor assigns is not a constant.
 */
import ts from "typescript";
import { evaluate } from "./constant.ts";
import { NotConstant } from "./constant_syntax.ts";
import { originOf } from "./origin.ts";
import { memberName } from "./records.ts";
import type { Reading } from "./reading.ts";

/** Whether a field, or a parameter of the constructor that is one, is a constant of its class. */
export function isClassConstant(
  reading: Reading,
  node: ts.PropertyDeclaration | ts.ParameterPropertyDeclaration,
): boolean {
  const { initializer } = node;
  if (initializer === undefined) return false;
  if ((ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Readonly) === 0) return false;
  const owner = ts.isParameter(node) ? node.parent.parent : node.parent;
  const name = ts.isParameter(node) ? node.name.getText() : memberName(node.name);
  if (ts.isClassLike(owner) && name !== undefined && isAssigned(owner, name)) return false;
  try {
    const value = evaluate(reading, initializer);
    return typeof value !== "object" || value === null || isAsConst(reading, initializer);
  } catch (error) {
    if (error instanceof NotConstant) return false;
    throw error;
  }
}

/** Whether the constructor assigns `this.name`; TypeScript allows it nowhere else. */
function isAssigned(owner: ts.ClassLikeDeclaration, name: string): boolean {
  const isField = (node: ts.Node) =>
    ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.ThisKeyword &&
    node.name.text === name;
  const isAssignment = ({ operatorToken: { kind } }: ts.BinaryExpression) =>
    kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
  const assigns = (node: ts.Node): boolean =>
    ts.isBinaryExpression(node) && isAssignment(node) && isField(node.left) ||
    (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && isField(node.operand) ||
    ts.forEachChild(node, assigns) === true;
  return owner.members.some((member) => ts.isConstructorDeclaration(member) && assigns(member));
}

/** `[…] as const`, or a variable that is one. */
function isAsConst(reading: Reading, expression: ts.Expression): boolean {
  let node = expression;
  while (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node)) node = node.expression;
  if (ts.isAsExpression(node)) return ts.isConstTypeReference(node.type);
  if (!ts.isIdentifier(node)) return false;
  const origin = originOf(reading.checker, node);
  const declaration = origin.kind === "app"
    ? origin.symbol.declarations?.find(ts.isVariableDeclaration)
    : undefined;
  return declaration?.initializer !== undefined && isAsConst(reading, declaration.initializer);
}
