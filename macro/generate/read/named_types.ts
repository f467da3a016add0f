/** The interfaces, aliases and enums that a process uses, once for each set of type arguments. */
import ts from "typescript";
import type { Field, Literal, NamedType, Shape } from "../model.ts";
import { isMemberName, readMembers, recordOf } from "./records.ts";
import { type Reading, REPORTED, type Scope, unsupported } from "./reading.ts";
import { shapeKey, shapeStem } from "../shape_key.ts";
import { exportedName } from "./origin.ts";
import { docOf } from "./source_text.ts";

/** A generic type nested deeper expands without end: `interface Nest<T> { inner: Nest<T[]> }`. */
const INSTANTIATIONS_MAX = 32;

interface Entry {
  readonly name: string;
  shape?: Shape;
  /** It was requested while it was being read. */
  recursive: boolean;
  type?: NamedType;
}

export class NamedTypes {
  readonly #entries = new Map<ts.Symbol, Map<string, Entry>>();
  readonly #byName = new Map<string, Entry>();
  readonly #done: NamedType[] = [];
  #depth = 0;

  /** Each after its parts, as far as recursion allows. */
  get all(): readonly NamedType[] {
    return this.#done;
  }

  entry(name: string): Entry | undefined {
    return this.#byName.get(name);
  }

  /**
   * The shape of a declared type. Records, enums and recursive types keep their name; others are replaced by
   * what they mean.
   */
  read(reading: Reading, symbol: ts.Symbol, args: readonly Shape[], node: ts.Node): Shape {
    if (symbol.flags & ts.SymbolFlags.EnumMember) return readMember(reading, symbol, node);
    const key = args.map(shapeKey).join();
    const known = this.#entries.get(symbol)?.get(key);
    if (known !== undefined) {
      if (known.shape !== undefined && known.type === undefined) return known.shape;
      if (known.shape === undefined) known.recursive = true;
      return { kind: "named", name: known.name };
    }
    if (this.#depth >= INSTANTIATIONS_MAX) {
      return unsupported(reading, node, "write a type that does not fill in its own parameters for ever");
    }
    const entry: Entry = { name: this.#freeName(symbol, args), recursive: false };
    const byArguments = this.#entries.get(symbol) ?? new Map<string, Entry>();
    this.#entries.set(symbol, byArguments.set(key, entry));
    this.#byName.set(entry.name, entry);
    this.#depth++;
    try {
      entry.shape = readDeclaration(reading, symbol, args, node, entry.name);
    } finally {
      this.#depth--;
    }
    if (entry.shape.kind === "named" && entry.recursive) {
      entry.shape = unsupported(reading, node, "write a type with a meaning");
    }
    const exported = exportedName(reading.checker, symbol);
    if (!entry.recursive && !keepsName(entry.shape, exported !== undefined)) {
      this.#byName.delete(entry.name);
      return entry.shape;
    }
    const declaration = symbol.declarations![0]!;
    if (exported === undefined) {
      reading.problems.add(
        reading.subject.name,
        `${reading.subject.part} uses the type ${symbol.name}, which its module does not export,`,
        ts.getNameOfDeclaration(declaration) ?? declaration,
        `write "export" in front of it`,
      );
    }
    entry.type = {
      name: entry.name,
      shape: entry.shape,
      recursive: entry.recursive,
      origin: {
        file: declaration.getSourceFile().fileName,
        exported: exported ?? symbol.name,
        arguments: args,
      },
      doc: docOf(declaration),
    };
    this.#done.push(entry.type);
    return { kind: "named", name: entry.name };
  }

  #freeName(symbol: ts.Symbol, args: readonly Shape[]): string {
    const base = args.length === 0 ? symbol.name : `${symbol.name}_of_${args.map(shapeStem).join("_and_")}`;
    for (let count = 1;; count++) {
      const name = count === 1 ? base : `${base}_${count}`;
      if (!this.#byName.has(name)) return name;
    }
  }
}

/** Whether a type keeps its name. A type that is not exported must be written out, which records are not. */
function keepsName(shape: Shape, exported: boolean): boolean {
  switch (shape.kind) {
    case "record":
    case "tagged":
      return true;
    case "enum":
      return exported || shape.values.some((value) => value.member !== undefined);
    case "tuple":
    case "union":
      return exported;
    default:
      return false;
  }
}

function readDeclaration(
  reading: Reading,
  symbol: ts.Symbol,
  args: readonly Shape[],
  node: ts.Node,
  name: string,
): Shape {
  const declarations = symbol.declarations ?? [];
  for (const declaration of declarations) reading.files.add(declaration.getSourceFile().fileName);
  const interfaces = declarations.filter(ts.isInterfaceDeclaration);
  if (interfaces.length > 0) return readInterfaces(reading, interfaces, args);
  const alias = declarations.find(ts.isTypeAliasDeclaration);
  if (alias !== undefined) return reading.read(alias.type, scopeOf(alias, args, reading));
  const declared = declarations.filter(ts.isEnumDeclaration);
  if (declared.length > 0) return readEnum(reading, declared, name);
  if (declarations.some(ts.isClassDeclaration)) {
    return unsupported(
      reading,
      node,
      "write an interface with its data, because an instance loses its class on the wire",
    );
  }
  return unsupported(reading, node, "write an interface or a type alias");
}

/** `Color.Red` as a type. */
function readMember(reading: Reading, symbol: ts.Symbol, node: ts.Node): Shape {
  const declaration = symbol.declarations?.find(ts.isEnumMember);
  const parent = declaration && reading.checker.getSymbolAtLocation(declaration.parent.name);
  const whole = parent && reading.resolve(reading.readDeclared(parent, [], node));
  const value = whole?.kind === "enum"
    ? whole.values.find((one) => one.member?.name === symbol.name)
    : undefined;
  return value === undefined ? REPORTED : { kind: "enum", values: [value] };
}

function scopeOf(
  declaration: { readonly typeParameters?: ts.NodeArray<ts.TypeParameterDeclaration> },
  args: readonly Shape[],
  reading: Reading,
): Scope {
  const scope = new Map<ts.Symbol, Shape>();
  declaration.typeParameters?.forEach((parameter, at) => {
    const symbol = reading.checker.getSymbolAtLocation(parameter.name);
    const shape = args[at] ?? (parameter.default && reading.read(parameter.default, scope));
    if (symbol !== undefined && shape !== undefined) scope.set(symbol, shape);
  });
  return scope;
}

function readInterfaces(
  reading: Reading,
  interfaces: readonly ts.InterfaceDeclaration[],
  args: readonly Shape[],
): Shape {
  const fields = new Map<string, Field>();
  for (const declaration of interfaces) {
    const scope = scopeOf(declaration, args, reading);
    for (const base of declaration.heritageClauses?.flatMap((clause) => clause.types) ?? []) {
      const shape = recordOf(reading, reading.read(base, scope));
      if (shape === undefined) unsupported(reading, base, "extend a record");
      for (const field of shape?.fields ?? []) fields.set(field.name, field);
    }
  }
  for (const declaration of interfaces) {
    const own = recordOf(
      reading,
      readMembers(reading, declaration.members, scopeOf(declaration, args, reading)),
    );
    for (const field of own?.fields ?? []) fields.set(field.name, field);
  }
  const only = interfaces.length === 1 && fields.size === 0 ? interfaces[0] : undefined;
  if (only?.members.length === 1 && only.members.some(ts.isIndexSignatureDeclaration)) {
    return readMembers(reading, only.members, scopeOf(only, args, reading));
  }
  return { kind: "record", fields: [...fields.values()] };
}

function readEnum(reading: Reading, declarations: readonly ts.EnumDeclaration[], name: string): Shape {
  const values: Literal[] = [];
  for (const member of declarations.flatMap((declaration) => [...declaration.members])) {
    const value = reading.checker.getConstantValue(member);
    const text = ts.isIdentifier(member.name) || ts.isStringLiteral(member.name)
      ? member.name.text
      : member.name.getText();
    if (value === undefined || !isMemberName(text)) {
      unsupported(reading, member, "write a constant as its value");
    } else values.push({ value, member: { enum: name, name: text } });
  }
  return { kind: "enum", values };
}
