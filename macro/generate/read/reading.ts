/** Shared by the parts of the type reader. */
import type ts from "typescript";
import type { NamedType, Shape } from "../model.ts";
import type { Problems, Subject } from "./problems.ts";

/** The shapes of the type parameters in scope. */
export type Scope = ReadonlyMap<ts.Symbol, Shape>;

export const NO_SCOPE: Scope = new Map();

/** Replaces a type that was reported, so that reading continues and finds the next problem. */
export const REPORTED: Shape = { kind: "json" };

export interface Reading {
  readonly checker: ts.TypeChecker;
  readonly problems: Problems;
  /** The subject of the next problem. */
  subject: Subject;
  /** Every file that was read. */
  readonly files: Set<string>;
  /** The shape of a type node. */
  read(node: ts.TypeNode, scope: Scope): Shape;
  /** The shape of a union of the types `members`, found in `node`. */
  readUnion(members: readonly ts.TypeNode[], node: ts.Node, scope: Scope): Shape;
  /** The shape of a declared type with its type arguments. */
  readDeclared(symbol: ts.Symbol, args: readonly Shape[], node: ts.Node): Shape;
  /** The shape behind a name; `undefined` while that type is still being read. */
  resolve(shape: Shape): Shape | undefined;
  named(name: string): NamedType | undefined;
}

/** Reports a type, and returns a placeholder. */
export function unsupported(reading: Reading, node: ts.Node, fix: string): Shape {
  reading.problems.addType(reading.subject, node, fix);
  return REPORTED;
}
