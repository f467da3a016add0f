/** The parts of constant expressions that need no names: literals, parentheses, annotations of types. */
import ts from "typescript";

/** An expression whose value is known only when the app runs. */
export class NotConstant extends Error {
  /** @param fix what to write instead; empty if that depends on the option. */
  constructor(readonly node: ts.Node, reason: string, readonly fix: string) {
    super(reason);
  }
}

export const WRITE_LITERAL = "write a literal, or a const made of literals";

export function computed(node: ts.Node): NotConstant {
  return new NotConstant(node, "it is computed when the app runs", WRITE_LITERAL);
}

/** An expression without parentheses and type annotations. */
export function withoutTypes(node: ts.Expression): ts.Expression {
  let inner = node;
  while (
    ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) ||
    ts.isNonNullExpression(inner) || ts.isTypeAssertionExpression(inner)
  ) inner = inner.expression;
  return inner;
}

export function literalOf(node: ts.Expression): { readonly value: unknown } | undefined {
  if (ts.isStringLiteralLike(node)) return { value: node.text };
  if (ts.isNumericLiteral(node)) return { value: Number(node.text) };
  if (ts.isBigIntLiteral(node)) return { value: BigInt(node.text.replace(/n$/, "")) };
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return { value: true };
    case ts.SyntaxKind.FalseKeyword:
      return { value: false };
    case ts.SyntaxKind.NullKeyword:
      return { value: null };
  }
  return undefined;
}
