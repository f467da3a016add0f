/** Recognizes the special types in the signatures of methods. */
import ts from "typescript";
import { originOf } from "./origin.ts";
import type { Reading } from "./reading.ts";

/** `T` in `Promise<T>`. */
export function unwrapPromise(reading: Reading, node: ts.TypeNode): ts.TypeNode {
  if (!ts.isTypeReferenceNode(node) || node.typeArguments?.length !== 1) return node;
  const origin = originOf(reading.checker, node.typeName);
  return origin.kind === "builtin" && origin.name === "Promise" ? node.typeArguments[0]! : node;
}

/** A web `Response` or `ReadableStream`. */
export function isResponse(reading: Reading, node: ts.TypeNode): boolean {
  if (!ts.isTypeReferenceNode(node)) return false;
  const origin = originOf(reading.checker, node.typeName);
  return origin.kind === "builtin" && (origin.name === "Response" || origin.name === "ReadableStream");
}

/** Whether a type is the one that `@denizen/runtime` exports under `name`. */
export function isRuntimeType(reading: Reading, node: ts.TypeNode | undefined, name: string): boolean {
  if (node === undefined || !ts.isTypeReferenceNode(node)) return false;
  const origin = originOf(reading.checker, node.typeName);
  return origin.kind === "ours" && origin.module === "@denizen/runtime" && origin.name === name;
}

export function returnsNothing(reading: Reading, node: ts.MethodDeclaration): boolean {
  if (node.type === undefined) return true;
  return unwrapPromise(reading, node.type).kind === ts.SyntaxKind.VoidKeyword;
}
