/** Decorators of `@denizen/macro` on a class or method, whatever name they were imported under. */
import ts from "typescript";
import { originOf } from "./origin.ts";

export interface DecoratorUse {
  /** As `@denizen/macro` exports it. */
  readonly name: string;
  readonly node: ts.Decorator;
  /** The arguments of `@name(…)`. */
  readonly args: readonly ts.Expression[];
}

export function decoratorsOf(checker: ts.TypeChecker, node: ts.HasDecorators): DecoratorUse[] {
  return (ts.getDecorators(node) ?? []).flatMap((decorator): DecoratorUse[] => {
    const called = ts.isCallExpression(decorator.expression) ? decorator.expression : undefined;
    const origin = originOf(checker, called?.expression ?? decorator.expression);
    if (origin.kind !== "ours" || origin.module !== "@denizen/macro") return [];
    return [{ name: origin.name, node: decorator, args: called?.arguments ?? [] }];
  });
}
