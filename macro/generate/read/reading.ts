/** What the parts of the type reader share. */
import type ts from "typescript";
import type { NamedType, Shape } from "../model.ts";
import type { Problems, Subject } from "./problems.ts";

/** The shapes that stand for the type parameters in sight. */
export type Scope = ReadonlyMap<ts.Symbol, Shape>;

export const NO_SCOPE: Scope = new Map();

/** Stands in for a type that was reported, so that reading goes on and finds the next problem. */
export const REPORTED: Shape = { kind: "json" };

export interface Reading {
  readonly checker: ts.TypeChecker;
  readonly problems: Problems;
  /** What the problem found next belongs to. */
  subject: Subject;
  /** Every file something was read from. */
  readonly files: Set<string>;
  /** The shape of a type as it is written. */
  read(node: ts.TypeNode, scope: Scope): Shape;
  /** The shape of a union of the types `members`, which stand in `node`. */
  readUnion(members: readonly ts.TypeNode[], node: ts.Node, scope: Scope): Shape;
  /** The shape of a declared type with its parameters filled in. */
  readDeclared(symbol: ts.Symbol, args: readonly Shape[], node: ts.Node): Shape;
  /** The shape behind a name; `undefined` while that type is still being read. */
  resolve(shape: Shape): Shape | undefined;
  named(name: string): NamedType | undefined;
}

/** Reports a type and goes on. */
export function unsupported(reading: Reading, node: ts.Node, fix: string): Shape {
  reading.problems.addType(reading.subject, node, fix);
  return REPORTED;
}
