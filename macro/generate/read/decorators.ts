/** Decorators of `@denizen/macro` on a class or method, under any imported name. */
import ts from "typescript";
import { originOf } from "./origin.ts";

export interface DecoratorUse {
  /** The name that `@denizen/macro` exports. */
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
