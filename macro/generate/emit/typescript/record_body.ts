/** The bodies of record conversions. */
import type { Field } from "../../model.ts";
import type { Body } from "./converting.ts";
import { jsonList, property, propertyName } from "./shape_text.ts";

/** Names that every object inherits: reading such a field must not find the inherited value. */
const INHERITED = new Set([...Object.getOwnPropertyNames(Object.prototype)]);

/** An expression that reads a field of `from`. */
export function readField(body: Pick<Body, "conversions">, name: string): string {
  if (!INHERITED.has(name)) return property("from", name);
  return `${body.conversions.names.codec("ownField")}(from, ${JSON.stringify(name)})`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\W/g, "_");
}

export function recordBody(body: Body, fields: readonly Field[]): string[] {
  const { conversions: { names }, role, value, type, expected } = body;
  const late = fields.filter((field) => isLate(body, field));
  const early = fields.filter((field) => !isLate(body, field));
  const literal = [
    "{",
    ...early.map((field) => `  ${propertyName(field.name)}: ${earlyValue(body, field)},`),
    "};",
  ];
  if (early.length === 0) literal.splice(0, 3, "{};");
  const typed = role === "decode" || role === "copy";
  const open = () =>
    typed ? `${names.codecType("Writable")}<${type}>` : `{ [field: string]: ${names.macro("Json")} }`;
  const count = role === "decode" ? fieldCount(body, fields) : undefined;
  const direct = late.length === 0 && count === undefined;
  const inner = direct ? literal.map((line, at) => at === 0 ? `return ${line}` : line) : [
    ...literal.map((line, at) => at === 0 ? `to = ${line}` : line),
    ...late.map((field) => lateLine(body, field)),
  ];
  const expect = role === "store"
    ? `${names.codec("storeRecord")}(${value}, ${JSON.stringify(expected)}, ${leastBytes(fields)});`
    : `${names.codec("expectRecord")}(${value}, ${JSON.stringify(expected)});`;
  return [
    fields.length === 0 && count === undefined ? expect : `const from = ${expect}`,
    ...direct ? [] : [`let to: ${late.length === 0 ? type : open()};`],
    ...fields.length === 0 ? inner : [
      'let at = "";',
      "try {",
      ...inner.map((line) => `  ${line}`),
      "} catch (error) {",
      `  throw ${names.codec("inside")}(error, at);`,
      "}",
    ],
    ...count === undefined ? [] : [
      `if (${names.codec("countFields")}(from) !== ${count}) {`,
      `  ${names.codec("refuseUnknown")}(from, ${jsonList(fields.map((field) => field.name))});`,
      "}",
    ],
    ...direct ? [] : ["return to;"],
  ];
}

/**
 * What a stored record takes at least, aside from the texts in it: braces, names, and a character for each
 * value.
 */
function leastBytes(fields: readonly Field[]): number {
  const always = fields.filter((field) => field.optional === undefined);
  return always.reduce((sum, field) => sum + field.name.length + '"":0,'.length, "{}".length);
}

/** Omitted from the result if the value lacks it, so it is set after the rest. */
function isLate({ role }: Body, { optional }: Field): boolean {
  return optional === "absent" || (optional === "undefined" && (role === "encode" || role === "store"));
}

function converted(body: Body, { name, shape }: Field): string {
  const { conversions, role, depth, hint } = body;
  return conversions.convert(shape, role, readField(body, name), depth, `${hint}${capitalized(name)}`);
}

function earlyValue(body: Body, field: Field): string {
  const at = `at = ${JSON.stringify(field.name)}`;
  if (field.optional === undefined) return `(${at}, ${converted(body, field)})`;
  return `(${at}, ${readField(body, field.name)} ${absence(body, field)} undefined ? undefined : ${
    converted(body, field)
  })`;
}

/** On the wire `null` also means an absent field, unless the field's type has `null`. */
function absence({ conversions, role }: Body, { shape }: Field): string {
  return role === "decode" && !conversions.facts.isNullable(shape) ? "==" : "===";
}

function lateLine(body: Body, field: Field): string {
  const present = absence(body, field) === "==" ? "!=" : "!==";
  const target = property("to", field.name);
  const set = `${target} = (at = ${JSON.stringify(field.name)}, ${converted(body, field)});`;
  return `if (${readField(body, field.name)} ${present} undefined) ${set}`;
}

/** The number of fields of a value without unknown fields. */
function fieldCount(body: Body, fields: readonly Field[]): string {
  const mayLack = fields.filter((field) =>
    field.optional !== undefined || body.conversions.facts.isNullable(field.shape)
  );
  const counted = mayLack.map((field) => `Number(${readField(body, field.name)} !== undefined)`);
  const rest = fields.length - mayLack.length;
  return rest === 0 && counted.length > 0 ? counted.join(" + ") : [rest, ...counted].join(" + ");
}
