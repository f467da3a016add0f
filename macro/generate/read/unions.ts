/** Unions: `T | null`, literals, records with a discriminator, and values that differ in their JSON type. */
import type ts from "typescript";
import type { Literal, Shape, TaggedCase } from "../model.ts";
import { recordOf } from "./records.ts";
import { type Reading, REPORTED, unsupported } from "./reading.ts";
import { shapeKey } from "../shape_key.ts";

/** The members of a union, grouped by how they are distinguished. */
interface Parts {
  nullable: boolean;
  literals: Literal[];
  /** Records and unions of records. */
  records: Shape[];
  others: Shape[];
}

/** The shape of a union of `members`. */
export function unite(reading: Reading, members: readonly Shape[], node: ts.Node): Shape {
  if (members.length === 1) return members[0]!;
  if (members.includes(REPORTED)) return REPORTED;
  const parts: Parts = { nullable: false, literals: [], records: [], others: [] };
  for (const member of members) sortInto(reading, parts, member);
  const alternatives: Shape[] = [...parts.others];
  if (parts.literals.length > 0) addLiterals(reading, alternatives, parts.literals, members);
  if (parts.records.length > 0) {
    const records = uniteRecords(reading, parts.records);
    if (records === undefined) {
      return unsupported(
        reading,
        node,
        `give each record a field with another literal, such as kind: "circle"`,
      );
    }
    alternatives.push(records);
  }
  if (alternatives.length === 0) return { kind: "null" };
  const inner = alternatives.length === 1 ? alternatives[0]! : uniteByJson(reading, alternatives, node);
  if (!parts.nullable) return inner;
  return inner.kind === "json" ? inner : { kind: "option", inner };
}

function sortInto(reading: Reading, parts: Parts, shape: Shape): void {
  const found = reading.resolve(shape) ?? shape;
  switch (found.kind) {
    case "null":
      parts.nullable = true;
      break;
    case "option":
      parts.nullable = true;
      sortInto(reading, parts, found.inner);
      break;
    case "enum":
      for (const literal of found.values) {
        if (!parts.literals.some((other) => other.value === literal.value)) parts.literals.push(literal);
      }
      break;
    case "union":
      for (const member of found.members) sortInto(reading, parts, member);
      break;
    case "record":
    case "tagged":
      if (!parts.records.some((other) => shapeKey(other) === shapeKey(shape))) parts.records.push(shape);
      break;
    default:
      if (!parts.others.some((other) => shapeKey(other) === shapeKey(shape))) parts.others.push(shape);
  }
}

/** Adds literals, unless a member covers them. */
function addLiterals(
  reading: Reading,
  alternatives: Shape[],
  literals: readonly Literal[],
  members: readonly Shape[],
): void {
  const covered = new Set(
    alternatives.flatMap((shape) =>
      shape.kind === "string"
        ? ["string"]
        : shape.kind === "boolean"
        ? ["boolean"]
        : shape.kind === "float"
        ? ["number"]
        : []
    ),
  );
  const values = literals.filter((literal) => !covered.has(typeof literal.value));
  const booleans = values.filter((literal) => typeof literal.value === "boolean");
  const rest = booleans.length === 2
    ? values.filter((literal) => typeof literal.value !== "boolean")
    : values;
  if (booleans.length === 2) alternatives.push({ kind: "boolean" });
  if (rest.length > 0) alternatives.push(sameEnum(reading, rest, members) ?? { kind: "enum", values: rest });
}

/**
 * The named enum among `members` with exactly these values, so that `Color | null` keeps the name `Color`.
 */
function sameEnum(
  reading: Reading,
  values: readonly Literal[],
  members: readonly Shape[],
): Shape | undefined {
  return members.find((member) => {
    const found = member.kind === "named" ? reading.resolve(member) : undefined;
    return found?.kind === "enum" && found.values.length === values.length &&
      found.values.every((value) => values.includes(value));
  });
}

function uniteRecords(reading: Reading, records: readonly Shape[]): Shape | undefined {
  if (records.length === 1) return records[0];
  const result = asResult(reading, records);
  if (result !== undefined) return result;
  const leaves = records.flatMap((shape) => {
    const found = reading.resolve(shape)!;
    return found.kind === "tagged" ? found.cases.map((one) => one.shape) : [shape];
  });
  const first = recordOf(reading, leaves[0]!);
  for (const { name } of first?.fields ?? []) {
    const cases = leaves.map((shape) => caseOf(reading, shape, name));
    if (cases.every((one) => one !== undefined) && disjoint(cases)) {
      return { kind: "tagged", discriminator: name, cases };
    }
  }
  return undefined;
}

function caseOf(reading: Reading, shape: Shape, discriminator: string): TaggedCase | undefined {
  const field = recordOf(reading, shape)?.fields.find((one) => one.name === discriminator);
  if (field === undefined || field.optional !== undefined) return undefined;
  const literal = reading.resolve(field.shape);
  return literal?.kind === "enum" ? { values: literal.values, shape } : undefined;
}

function disjoint(cases: readonly TaggedCase[]): boolean {
  const values = cases.flatMap((one) => one.values.map((literal) => literal.value));
  return new Set(values).size === values.length;
}

/** `{ Ok: T } | { Err: E }`, written out. */
function asResult(reading: Reading, records: readonly Shape[]): Shape | undefined {
  if (records.length !== 2) return undefined;
  const fields = records.map((shape) => recordOf(reading, shape)?.fields ?? []);
  if (fields.some((list) => list.length !== 1 || list[0]!.optional !== undefined)) return undefined;
  const ok = fields.flat().find((field) => field.name === "Ok");
  const err = fields.flat().find((field) => field.name === "Err");
  return ok && err && { kind: "result", ok: ok.shape, err: err.shape };
}

/** A union whose members are distinguished by their JSON type. */
function uniteByJson(reading: Reading, alternatives: readonly Shape[], node: ts.Node): Shape {
  const members = alternatives.map((shape): Shape =>
    shape.kind === "float" &&
      alternatives.some((other) => other !== shape && jsonKinds(reading, other).has("string"))
      ? { kind: "float", format: "finite" }
      : shape
  );
  const taken = new Set<JsonKind>();
  for (const member of members) {
    for (const kind of jsonKinds(reading, member)) {
      if (taken.has(kind)) {
        return unsupported(
          reading,
          node,
          `write a union whose members differ in JSON: two of these may be ${kind}s`,
        );
      }
      taken.add(kind);
    }
  }
  return { kind: "union", members };
}

type JsonKind = "string" | "number" | "boolean" | "list" | "object";

/** The JSON types of a shape, except `null`. */
function jsonKinds(reading: Reading, shape: Shape): ReadonlySet<JsonKind> {
  switch (shape.kind) {
    case "integer":
      return new Set(["number"]);
    case "float":
      return new Set(shape.format === "finite" ? ["number"] : ["number", "string"]);
    case "bigint":
      return new Set(["number", "string"]);
    case "string":
    case "char":
    case "date":
      return new Set(["string"]);
    case "boolean":
      return new Set(["boolean"]);
    case "bytes":
    case "typedArray":
      return new Set(["string", "list"]);
    case "enum":
      return new Set(shape.values.map((literal) => typeof literal.value as JsonKind));
    case "list":
    case "set":
    case "tuple":
      return new Set(["list"]);
    case "map":
      return new Set(["object", "list"]);
    case "dictionary":
    case "record":
    case "tagged":
    case "result":
      return new Set(["object"]);
    case "named": {
      const found = reading.resolve(shape);
      return found === undefined
        ? new Set(["string", "number", "boolean", "list", "object"])
        : jsonKinds(reading, found);
    }
    default:
      return new Set(["string", "number", "boolean", "list", "object"]);
  }
}
