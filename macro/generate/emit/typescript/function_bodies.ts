/** The functions for shapes that take more than one call: records, tuples, enums, unions. */
import type { Literal, Shape, TaggedCase } from "../../model.ts";
import type { Body, Converting, Role } from "./converting.ts";
import { expectation, orList } from "./expectation.ts";
import { recordBody } from "./record_body.ts";
import { property } from "./shape_text.ts";

/** A whole function, as lines. */
export function functionLines(
  conversions: Converting,
  name: string,
  shape: Shape,
  role: Role,
  hint: string,
): string[] {
  const { names, types, facts, text } = conversions;
  const named = shape.kind === "named" ? types.get(shape.name) : undefined;
  const found = named?.shape ?? shape;
  const typed = role === "decode" || role === "copy" || facts.resolve(shape).kind === "enum";
  const type = typed ? text.of(mutable(shape)) : names.macro("Json");
  const value = role === "decode" && found.kind !== "enum" ? "wire" : "value";
  const depth = named?.recursive ? "depth + 1" : "depth";
  const body: Body = {
    conversions,
    role,
    value,
    depth,
    hint: named?.name ?? hint,
    type,
    expected: named?.name ?? "object",
  };
  const parameters = facts.needsDepth(shape) ? `${value}: unknown, depth: number` : `${value}: unknown`;
  return [
    `function ${name}(${parameters}): ${type} {`,
    ...named?.recursive ? [`  ${names.codec("checkDepth")}(depth);`] : [],
    ...bodyOf(body, found).map((line) => line === "" ? line : `  ${line}`),
    "}",
  ];
}

function mutable(shape: Shape): Shape {
  return "readonly" in shape ? { ...shape, readonly: false } : shape;
}

function bodyOf(body: Body, shape: Shape): string[] {
  switch (shape.kind) {
    case "record":
      return recordBody(body, shape.fields);
    case "tuple":
      return tupleBody(body, shape);
    case "enum":
      return enumBody(body, shape);
    case "tagged":
      return taggedBody(body, shape.discriminator, shape.cases);
    case "union":
      return unionBody(body, shape.members);
    default: {
      const { conversions, role, value, depth, hint } = body;
      return [`return ${conversions.convert(shape, role, value, depth, hint)};`];
    }
  }
}

/** A string literal, in single quotes where that avoids backslashes. */
function quoted(text: string): string {
  return text.includes('"') && !/[\\']/.test(text) ? `'${text}'` : JSON.stringify(text);
}

function tupleBody(body: Body, { elements }: Extract<Shape, { kind: "tuple" }>): string[] {
  const { conversions, role, value, depth, hint, type } = body;
  const names = conversions.names;
  const part = (at: number) =>
    `(at = ${at}, ${conversions.convert(elements[at]!.shape, role, `from[${at}]`, depth, `${hint}${at}`)})`;
  const needed = elements.filter((element) => !element.optional).length;
  const expectTuple = names.codec(role === "store" ? "storeTuple" : "expectTuple");
  const expect = `${expectTuple}(${value}, ${needed}, ${elements.length});`;
  if (elements.length === 0) return [expect, "return [];"];
  const list = Array.from({ length: needed }, (_, at) => part(at)).join(", ");
  const typed = role === "decode" || role === "copy";
  const inner = needed === elements.length ? [`return [${list}];`] : [
    `const to: ${typed ? "unknown" : names.macro("Json")}[] = [${list}];`,
    ...elements.slice(needed).map(({ shape }, index) =>
      optionalElement(body, shape, needed + index, part(needed + index))
    ),
    typed ? `return to as ${type};` : "return to;",
  ];
  return [
    `const from = ${expect}`,
    "let at = 0;",
    "try {",
    ...inner.map((line) => `  ${line}`),
    "} catch (error) {",
    `  throw ${names.codec("inside")}(error, at);`,
    "}",
  ];
}

/**
 * An element that is not given while a later one is: `undefined`, and `null` on the wire. Where `null` is a
 * value of the element, the wire has no form for it.
 */
function optionalElement({ conversions, role }: Body, shape: Shape, at: number, part: string): string {
  const from = `from[${at}]`;
  const push = (text: string) => `if (from.length > ${at}) to.push(${text});`;
  const typed = role === "decode" || role === "copy";
  if (!conversions.facts.isNullable(shape)) {
    return push(
      `${from} ${role === "decode" ? "==" : "==="} undefined ? ${typed ? undefined : null} : ${part}`,
    );
  }
  if (role === "decode") return push(part);
  const given = `${conversions.names.codec("expectGiven")}(${from})`;
  return `if (from.length > ${at}) at = ${at}, ${given}, to.push(${part});`;
}

function enumBody({ conversions, type }: Body, { values }: Extract<Shape, { kind: "enum" }>): string[] {
  const cast = values.some((value) => value.member !== undefined) ? ` as unknown as ${type}` : "";
  const expected = orList(values.map((value) => JSON.stringify(value.value)));
  const zero = values.some((value) => value.value === 0);
  return [
    "switch (value) {",
    // A switch takes -0 for 0.
    ...zero ? ["  case 0:", `    return 0${cast};`] : [],
    ...values.filter((value) => value.value !== 0).map((value) => `  case ${JSON.stringify(value.value)}:`),
    ...zero && values.length === 1 ? [] : [`    return value${cast};`],
    "  default:",
    `    throw new ${conversions.names.codec("DecodeError")}(${quoted(expected)}, value);`,
    "}",
  ];
}

function taggedBody(body: Body, discriminator: string, cases: readonly TaggedCase[]): string[] {
  const { conversions, role, value, depth, hint, expected } = body;
  const { names } = conversions;
  const field = property("from", discriminator);
  const all = orList(cases.flatMap((one) => one.values).map((literal) => JSON.stringify(literal.value)));
  const lines = cases.flatMap(({ values, shape }) => [
    ...values.map((literal) => `  case ${JSON.stringify(literal.value)}:`),
    `    return ${conversions.convert(shape, role, value, depth, hint + nameOf(values[0]!.value))};`,
  ]);
  return [
    `const from = ${names.codec("expectRecord")}(${value}, ${JSON.stringify(expected)});`,
    `switch (${field}) {`,
    ...lines,
    "  default: {",
    `    const error = new ${names.codec("DecodeError")}(${quoted(all)}, ${field});`,
    `    throw ${names.codec("inside")}(error, ${JSON.stringify(discriminator)});`,
    "  }",
    "}",
  ];
}

/** A part of an identifier: `"not-found"` is `NotFound`. */
function nameOf(value: Literal["value"]): string {
  return String(value).split(/\W+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function unionBody(body: Body, members: readonly Shape[]): string[] {
  const { conversions, role, value, depth, hint } = body;
  // Objects last: lists and the classes are objects to `typeof` too.
  const order = (shape: Shape) => test(conversions, shape, role, value).includes('"object"') ? 1 : 0;
  const sorted = members.toSorted((a, b) => order(a) - order(b));
  const lines = sorted.map((member, at) => {
    const part = conversions.convert(member, role, value, depth, `${hint}Case${at + 1}`);
    return `if (${test(conversions, member, role, value)}) return ${part};`;
  });
  const expected = orList(members.map((member) => expectation(member)));
  return [
    ...lines,
    `throw new ${conversions.names.codec("DecodeError")}(${JSON.stringify(expected)}, ${value});`,
  ];
}

/** An expression that is true if `value` is meant to be that member of a union. */
function test(conversions: Converting, shape: Shape, role: Role, value: string): string {
  const type = (...names: string[]) => names.map((name) => `typeof ${value} === "${name}"`).join(" || ");
  const isWire = role === "decode";
  switch (shape.kind) {
    case "integer":
      return type("number");
    case "float":
      return isWire && shape.format !== "finite" ? type("number", "string") : type("number");
    case "bigint":
      return isWire ? type("number", "string") : type("bigint");
    case "string":
    case "char":
      return type("string");
    case "boolean":
      return type("boolean");
    case "date":
      return isWire ? type("string") : `${value} instanceof Date`;
    case "bytes":
    case "typedArray":
      if (isWire) return `${type("string")} || Array.isArray(${value})`;
      return `${value} instanceof ${"array" in shape ? shape.array : "Uint8Array"}`;
    case "enum":
      return type(...new Set(shape.values.map((literal) => typeof literal.value)));
    case "list":
    case "tuple":
      return `Array.isArray(${value})`;
    case "set":
      return isWire ? `Array.isArray(${value})` : `${value} instanceof Set`;
    case "map":
      if (!isWire) return `${value} instanceof Map`;
      return conversions.facts.isText(shape.key) ? `typeof ${value} === "object"` : `Array.isArray(${value})`;
    case "named":
      return test(conversions, conversions.facts.resolve(shape), role, value);
    default:
      return `typeof ${value} === "object"`;
  }
}
