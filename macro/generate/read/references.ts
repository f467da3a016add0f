/** Names in type positions: Denizen's, the library's, the app's. */
import ts from "typescript";
import type { TypedArrayName } from "../../codec/mod.ts";
import type { Shape } from "../model.ts";
import { adviceForBuiltin } from "./advice.ts";
import { type Origin, originOf } from "./origin.ts";
import { type Reading, type Scope, unsupported } from "./reading.ts";
import { UTILITY_TYPES } from "./utility_types.ts";

/** The types of `schema.ts` that take no parameters. */
const SCHEMA_TYPES: Readonly<Record<string, Shape>> = {
  u8: { kind: "integer", format: "u8", minimum: 0, maximum: 255 },
  u16: { kind: "integer", format: "u16", minimum: 0, maximum: 65_535 },
  u32: { kind: "integer", format: "u32", minimum: 0, maximum: 4_294_967_295 },
  i8: { kind: "integer", format: "i8", minimum: -128, maximum: 127 },
  i16: { kind: "integer", format: "i16", minimum: -32_768, maximum: 32_767 },
  i32: { kind: "integer", format: "i32", minimum: -2_147_483_648, maximum: 2_147_483_647 },
  u64: { kind: "bigint", format: "u64", minimum: "0", maximum: "18446744073709551615" },
  i64: { kind: "bigint", format: "i64", minimum: "-9223372036854775808", maximum: "9223372036854775807" },
  f32: { kind: "float", format: "f32" },
  f64: { kind: "float", format: "f64" },
  char: { kind: "char" },
  Json: { kind: "json" },
};

/** Library types and the number of their significant parameters. */
const COLLECTIONS: Readonly<
  Record<string, { readonly kind: "list" | "set" | "map"; readonly readonly: boolean }>
> = {
  Array: { kind: "list", readonly: false },
  ReadonlyArray: { kind: "list", readonly: true },
  Set: { kind: "set", readonly: false },
  ReadonlySet: { kind: "set", readonly: true },
  Map: { kind: "map", readonly: false },
  ReadonlyMap: { kind: "map", readonly: true },
};

const TYPED_ARRAY = /^(Uint8Clamped|(Ui|I)nt(8|16|32)|Float(32|64)|Big(Ui|I)nt64)Array$/;

/** The shape of `Name` or `Name<A, B>`. */
export function readReference(
  reading: Reading,
  node: ts.TypeNode,
  name: ts.Node,
  argNodes: readonly ts.TypeNode[],
  scope: Scope,
): Shape {
  const origin = originOf(reading.checker, name);
  if (origin.kind === "app" && origin.symbol.flags & ts.SymbolFlags.TypeParameter) {
    return scope.get(origin.symbol) ??
      unsupported(reading, node, "write the type itself: a method has no type parameters");
  }
  if (origin.kind === "unknown") return unsupported(reading, node, adviceForUnknown(origin));
  const advice = origin.kind === "builtin" ? adviceForBuiltin(origin.name) : undefined;
  if (advice !== undefined) return unsupported(reading, node, advice);
  if (origin.kind === "builtin" && TYPED_ARRAY.test(origin.name)) return bufferShape(origin.name);
  const args = argNodes.map((arg) =>
    arg.kind === ts.SyntaxKind.VoidKeyword ? VOID : reading.read(arg, scope)
  );
  switch (origin.kind) {
    case "ours":
      return readOurs(reading, node, origin, args);
    case "builtin":
      return builtinShape(reading, node, origin.name, args);
    case "app":
      return reading.readDeclared(origin.symbol, args, node);
  }
}

const VOID: Shape = { kind: "void" };

function adviceForUnknown({ name, module }: Extract<Origin, { kind: "unknown" }>): string {
  if (module !== undefined) {
    return `write an interface of your own: "${module}" is not among the app's files, and a contract needs every type`;
  }
  return adviceForBuiltin(name) ?? "declare it or import it";
}

function bufferShape(name: string): Shape {
  return name === "Uint8Array" ? { kind: "bytes" } : { kind: "typedArray", array: name as TypedArrayName };
}

function readOurs(
  reading: Reading,
  node: ts.Node,
  origin: Extract<Origin, { kind: "ours" }>,
  args: readonly Shape[],
): Shape {
  if (origin.module === "@denizen/runtime") {
    return unsupported(
      reading,
      node,
      origin.name === "Context"
        ? "make it the last parameter: the runtime passes it"
        : "write an interface with its data",
    );
  }
  if (origin.name === "Option" && args.length === 1) return optionOf(reading, args[0]!);
  if (origin.name === "Result" && args.length === 2) return { kind: "result", ok: args[0]!, err: args[1]! };
  const known = Object.hasOwn(SCHEMA_TYPES, origin.name) ? SCHEMA_TYPES[origin.name] : undefined;
  return known ?? unsupported(reading, node, "write an interface with its data");
}

/** `T | null`, with a single `null`. */
function optionOf(reading: Reading, inner: Shape): Shape {
  const found = reading.resolve(inner);
  return found?.kind === "option" || found?.kind === "null" || found?.kind === "json"
    ? inner
    : { kind: "option", inner };
}

function builtinShape(reading: Reading, node: ts.Node, name: string, args: readonly Shape[]): Shape {
  if (name === "Date") return { kind: "date" };
  const collection = Object.hasOwn(COLLECTIONS, name) ? COLLECTIONS[name] : undefined;
  if (collection !== undefined) {
    const [first, second] = args;
    if (first === undefined || (collection.kind === "map" && second === undefined)) {
      return unsupported(reading, node, "write what it holds");
    }
    return collection.kind === "map"
      ? { kind: "map", key: first, value: second!, readonly: collection.readonly }
      : { kind: collection.kind, element: first, readonly: collection.readonly };
  }
  const utility = Object.hasOwn(UTILITY_TYPES, name) ? UTILITY_TYPES[name] : undefined;
  return utility === undefined
    ? unsupported(reading, node, "write an interface with its data")
    : utility(reading, args, node);
}
