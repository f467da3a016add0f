/** TypeScript's utility types, evaluated on shapes so that `u32` stays a `u32`. */
import type ts from "typescript";
import type { Field, Shape } from "../model.ts";
import { recordOf } from "./records.ts";
import { type Reading, unsupported } from "./reading.ts";
import { unite } from "./unions.ts";

type Utility = (reading: Reading, args: readonly Shape[], node: ts.Node) => Shape;

export const UTILITY_TYPES: Readonly<Record<string, Utility>> = {
  Partial: onFields((fields) => fields.map((field) => ({ ...field, optional: "absent" }))),
  Required: onFields((fields) => fields.map(({ optional: _optional, ...field }) => field)),
  Readonly: (reading, args, node) => readonlyOf(args[0]) ?? onFields((fields) => fields)(reading, args, node),
  Pick: onFields((fields, names) => fields.filter((field) => names.has(field.name))),
  Omit: onFields((fields, names) => fields.filter((field) => !names.has(field.name))),
  Record: recordType,
  NonNullable(reading, [shape]) {
    const found = reading.resolve(shape!);
    return found?.kind === "option" ? found.inner : shape!;
  },
  Exclude: onLiterals((values, taken) => values.filter((value) => !taken.has(value))),
  Extract: onLiterals((values, taken) => values.filter((value) => taken.has(value))),
};

function readonlyOf(shape: Shape | undefined): Shape | undefined {
  switch (shape?.kind) {
    case "list":
    case "set":
    case "map":
    case "tuple":
      return { ...shape, readonly: true };
    default:
      return undefined;
  }
}

/** The strings that a shape allows, for the names in `Pick<T, "a" | "b">`. */
function textsOf(reading: Reading, shape: Shape | undefined): ReadonlySet<string> | undefined {
  const found = shape && reading.resolve(shape);
  if (found?.kind !== "enum") return undefined;
  return new Set(found.values.map((literal) => String(literal.value)));
}

function onFields(
  change: (fields: readonly Field[], names: ReadonlySet<string>) => readonly Field[],
): Utility {
  return (reading, [shape, names], node) => {
    const record = shape && recordOf(reading, shape);
    if (record === undefined) return unsupported(reading, node, "write the record out");
    const texts = names === undefined ? new Set<string>() : textsOf(reading, names);
    if (texts === undefined) {
      return unsupported(reading, node, `name the fields with literals, such as "id" | "title"`);
    }
    return { kind: "record", fields: change(record.fields, texts) };
  };
}

function onLiterals(
  choose: (values: readonly unknown[], taken: ReadonlySet<unknown>) => readonly unknown[],
): Utility {
  return (reading, [shape, other], node) => {
    const from = shape && reading.resolve(shape);
    const taken = other && reading.resolve(other);
    if (from?.kind !== "enum" || taken?.kind !== "enum") {
      return unsupported(reading, node, "write the union of literals out");
    }
    const kept = choose(from.values.map((one) => one.value), new Set(taken.values.map((one) => one.value)));
    const values = from.values.filter((one) => kept.includes(one.value));
    if (values.length === 0) return unsupported(reading, node, "write a type that has values");
    return { kind: "enum", values };
  };
}

function recordType(reading: Reading, [key, value]: readonly Shape[], node: ts.Node): Shape {
  if (key === undefined || value === undefined) return unsupported(reading, node, "write Record<string, T>");
  const names = textsOf(reading, key);
  if (names !== undefined) {
    return { kind: "record", fields: [...names].map((name) => ({ name, shape: value })) };
  }
  if (key.kind === "string") return { kind: "dictionary", value };
  return unsupported(reading, node, "write Record<string, T>, or a Map for other keys");
}

/** `keyof T`: the names of a record's fields. */
export function keysOf(reading: Reading, shape: Shape, node: ts.Node): Shape {
  const record = recordOf(reading, shape);
  if (record === undefined || record.fields.length === 0) {
    return unsupported(reading, node, "write the names out");
  }
  return { kind: "enum", values: record.fields.map((field) => ({ value: field.name })) };
}

/** `T["field"]`, `T[number]`. */
export function memberOf(reading: Reading, object: Shape, index: Shape | "number", node: ts.Node): Shape {
  const found = reading.resolve(object);
  if (index === "number" && found?.kind === "list") return found.element;
  if (index === "number" && found?.kind === "tuple") {
    return unite(reading, found.elements.map((element) => element.shape), node);
  }
  const names = index === "number" ? undefined : textsOf(reading, index);
  if (found?.kind === "dictionary") return found.value;
  const fields = found?.kind === "record" && names
    ? [...names].map((name) => found.fields.find((field) => field.name === name))
    : [];
  if (fields.length === 0 || fields.some((field) => field === undefined || field.optional !== undefined)) {
    return unsupported(reading, node, "write the member's own type");
  }
  return unite(reading, fields.map((field) => field!.shape), node);
}

/** `A & B` of records; one of them may be a union of records, which is then spread over the others. */
export function intersect(reading: Reading, shapes: readonly Shape[], node: ts.Node): Shape {
  let cases: Shape[] = [{ kind: "record", fields: [] }];
  for (const shape of shapes) {
    const found = reading.resolve(shape);
    const alternatives = found?.kind === "tagged" ? found.cases.map((one) => one.shape) : [shape];
    const merged = cases.flatMap((left) => alternatives.map((right) => merge(reading, left, right, node)));
    if (merged.some((one) => one === undefined)) {
      return unsupported(reading, node, "intersect records only, with no field in two of them");
    }
    cases = merged as Shape[];
  }
  return unite(reading, cases, node);
}

function merge(reading: Reading, left: Shape, right: Shape, _node: ts.Node): Shape | undefined {
  const a = recordOf(reading, left);
  const b = recordOf(reading, right);
  if (a === undefined || b === undefined) return undefined;
  if (a.fields.some((field) => b.fields.some((other) => other.name === field.name))) return undefined;
  return { kind: "record", fields: [...a.fields, ...b.fields] };
}
