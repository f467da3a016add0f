/**
 * The saved fields of a process: every data field of an instance. Not saved are `#private` fields, which
 * each instance makes anew, and constants of the class (class_constants.ts).
 */
import ts from "typescript";
import type { Field } from "../model.ts";
import { isClassConstant } from "./class_constants.ts";
import { decoratorsOf } from "./decorators.ts";
import { isNullable } from "./parameters.ts";
import { readInitializer } from "./inferred.ts";
import { follow, type Origin, originOf } from "./origin.ts";
import { memberName, readField } from "./records.ts";
import { NO_SCOPE, type Reading, type Scope } from "./reading.ts";
import { docOf } from "./source_text.ts";

interface State {
  readonly fields: readonly Field[];
  /** The names of the class's constants, which records of before they were constants may still have. */
  readonly constants: readonly string[];
}

/** The fields of a class and of the app's classes it extends, the base's first. */
export function readState(reading: Reading, node: ts.ClassDeclaration, className: string): State {
  const members = new Map<string, Member>();
  const chain = [...basesOf(reading, node, className)].reverse();
  for (const { declaration, scope } of chain) {
    if (declaration !== node) refuseHandlers(reading, declaration, className);
    for (const member of ownMembers(reading, declaration, className, scope)) members.set(member.name, member);
  }
  const all = [...members.values()];
  return {
    fields: all.filter((member): member is Field => "shape" in member),
    constants: all.filter((member) => !("shape" in member)).map(({ name }) => name),
  };
}

/** A field of the state, or a constant. */
type Member = Field | { readonly name: string };

/** Decorators of a base class apply to that class only. */
function refuseHandlers(reading: Reading, base: ts.ClassDeclaration, className: string): void {
  for (const member of base.members) {
    if (!ts.isMethodDeclaration(member) || decoratorsOf(reading.checker, member).length === 0) continue;
    const name = `${className}.${member.name.getText()}`;
    const fix = `declare it in ${className} and call it from there`;
    reading.problems.add(name, "the handlers of a base class are not inherited", member.name, fix);
  }
}

interface Link {
  readonly declaration: ts.ClassDeclaration;
  readonly scope: Scope;
}

/** A class and its base classes in the app, nearest first. */
function* basesOf(reading: Reading, node: ts.ClassDeclaration, className: string): Generator<Link> {
  let link: Link | undefined = { declaration: node, scope: NO_SCOPE };
  while (link !== undefined) {
    yield link;
    reading.files.add(link.declaration.getSourceFile().fileName);
    const base: ts.ExpressionWithTypeArguments | undefined = link.declaration.heritageClauses
      ?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    link = base && baseOf(reading, base, link.scope, className);
  }
}

function baseOf(
  reading: Reading,
  base: ts.ExpressionWithTypeArguments,
  scope: Scope,
  className: string,
): Link | undefined {
  const origin = originOf(reading.checker, base.expression);
  const declaration = origin.kind === "app"
    ? origin.symbol.declarations?.find(ts.isClassDeclaration)
    : undefined;
  if (declaration === undefined) {
    reading.problems.add(
      className,
      "it extends a class that is not among the app's files",
      base,
      "extend a class of the app, or none",
      base.getText(),
    );
    return undefined;
  }
  reading.subject = { name: className, part: "its base class" };
  const args = (base.typeArguments ?? []).map((arg) => reading.read(arg, scope));
  const entries = (declaration.typeParameters ?? []).flatMap((parameter, at) => {
    const symbol = reading.checker.getSymbolAtLocation(parameter.name);
    return symbol && args[at] ? [[symbol, args[at]] as const] : [];
  });
  return { declaration, scope: new Map(entries) };
}

function* ownMembers(
  reading: Reading,
  node: ts.ClassDeclaration,
  className: string,
  scope: Scope,
): Generator<Member> {
  for (const member of node.members) {
    if (ts.isConstructorDeclaration(member) && member.body) {
      yield* constructorFields(reading, member, className, scope);
      continue;
    }
    if (!ts.isPropertyDeclaration(member) || isStatic(member) || isFunction(member.initializer)) continue;
    if (ts.isPrivateIdentifier(member.name)) continue;
    const name = memberName(member.name);
    if (name === undefined || name === "__proto__") {
      reading.problems.add(className, "a field has no plain name", member.name, "write a name for it");
      continue;
    }
    if (isClassConstant(reading, member)) {
      yield { name };
      continue;
    }
    const field = readStateField(reading, name, member, className, scope);
    if (
      field.optional === undefined && !isNullable(reading, field.shape) &&
      !startsWithValue(node, member, name)
    ) {
      reading.problems.add(
        `${className}.${name}`,
        "the field has no initial value",
        member,
        "give it one, or make it optional",
      );
    }
    yield field;
  }
}

/**
 * Whether a new instance has a value in the field: from an initialiser, from the constructor, or asserted by
 * the author with `!` or `declare`.
 */
function startsWithValue(node: ts.ClassDeclaration, field: ts.PropertyDeclaration, name: string): boolean {
  const declared = (ts.getCombinedModifierFlags(field) & ts.ModifierFlags.Ambient) !== 0;
  if (field.initializer !== undefined || field.exclamationToken !== undefined || declared) return true;
  const constructor = node.members.find(ts.isConstructorDeclaration);
  const sets = (at: ts.Node): boolean =>
    ts.isPropertyAccessExpression(at) && at.expression.kind === ts.SyntaxKind.ThisKeyword &&
      at.name.text === name || ts.forEachChild(at, sets) === true;
  return constructor?.body !== undefined && sets(constructor.body);
}

function isStatic(node: ts.PropertyDeclaration): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0;
}

/** A method written as a field, which each instance creates again. */
function isFunction(initializer: ts.Expression | undefined): boolean {
  return initializer !== undefined &&
    (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
}

function readStateField(
  reading: Reading,
  name: string,
  node: ts.PropertyDeclaration | ts.ParameterDeclaration,
  className: string,
  scope: Scope,
): Field {
  reading.subject = { name: `${className}.${name}`, part: "the field" };
  const inferred = node.type === undefined && node.initializer !== undefined;
  const field: Field = inferred
    ? { name, shape: readInitializer(reading, node.initializer!, node.name), doc: docOf(node) }
    : readField(reading, name, node, scope);
  if (field.optional === undefined) return field;
  if (isNullable(reading, field.shape)) {
    reading.problems.add(
      `${className}.${name}`,
      "the field may be undefined and null, which look the same when saved",
      node,
      "make it one of the two",
    );
  }
  return { ...field, optional: "undefined" };
}

/** `constructor(private title: string = "")` declares fields too. */
function* constructorFields(
  reading: Reading,
  node: ts.ConstructorDeclaration,
  className: string,
  scope: Scope,
): Generator<Member> {
  for (const parameter of node.parameters) {
    if (!ts.isParameterPropertyDeclaration(parameter, node) || !ts.isIdentifier(parameter.name)) continue;
    if (isClassConstant(reading, parameter)) {
      yield { name: parameter.name.text };
      continue;
    }
    const field = readStateField(reading, parameter.name.text, parameter, className, scope);
    yield parameter.initializer === undefined ? field : { ...field, optional: undefined };
  }
}

/** The runtime creates instances with `new Class()`. */
export function checkConstructor(reading: Reading, node: ts.ClassDeclaration, className: string): void {
  let at: ts.ClassDeclaration | undefined = node;
  while (at !== undefined) {
    const constructor: ts.ConstructorDeclaration | undefined = at.members
      .filter(ts.isConstructorDeclaration).find((member) => member.body !== undefined);
    if (constructor !== undefined) {
      const needed = constructor.parameters.find((parameter) =>
        !parameter.questionToken && !parameter.initializer && !parameter.dotDotDotToken
      );
      if (needed !== undefined) {
        reading.problems.add(
          className,
          `its constructor requires an argument, "${needed.name.getText()}", and the runtime passes none`,
          needed,
          "give it a default, or set it in @init",
        );
      }
      return;
    }
    const base: ts.Expression | undefined = at.heritageClauses
      ?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression;
    const symbol: ts.Symbol | undefined = base && reading.checker.getSymbolAtLocation(base);
    const origin: Origin | undefined = symbol && follow(reading.checker, symbol);
    at = origin?.kind === "app" ? origin.symbol.declarations?.find(ts.isClassDeclaration) : undefined;
  }
}
