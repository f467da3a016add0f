/** Writes the `StateContract` of a process. */
import type { Field, ProcessModel } from "../../model.ts";
import type { Converting } from "./converting.ts";
import { readField } from "./record_body.ts";
import { jsonList, property, propertyName } from "./shape_text.ts";

export function stateLines(conversions: Converting, model: ProcessModel): string[] {
  const { names, text } = conversions;
  const { state: fields, constants, className } = model;
  const list = jsonList(fields.map((field) => field.name));
  const constant = `const state: ${names.macro("StateContract")} = {`;
  if (fields.length === 0) {
    return [
      constant,
      "  fields: [],",
      "  encode: () => ({}),",
      "  decode(_instance, value) {",
      `    ${names.codec("refuseUnknown")}(${names.codec("expectRecord")}(value, ${
        JSON.stringify(className)
      }), ${jsonList(constants)});`,
      "  },",
      "};",
    ];
  }
  const type = (field: Field) => text.of(field.shape) + (field.optional === undefined ? "" : " | undefined");
  const store = fields.some((field) => conversions.facts.holdsContainers(field.shape))
    ? names.claim("storeState")
    : undefined;
  return [
    "interface State {",
    ...fields.map((field) => `  ${propertyName(field.name)}: ${type(field)};`),
    "}",
    "",
    ...store === undefined ? [] : [
      `function ${store}(instance: object) {`,
      ...storeAll(conversions, fields).map((line) => line.slice(2)),
      "}",
      "",
    ],
    constant,
    `  fields: ${list},`,
    ...store === undefined ? ["  encode(instance) {", ...storeAll(conversions, fields), "  },"] : [
      `  encode: (instance, bytesMax) => ${
        names.codec("encodeState")
      }(instance, bytesMax, state.fields, ${store}),`,
    ],
    "  decode(instance, value) {",
    ...decodeAll(conversions, model),
    "  },",
    "};",
  ];
}

function hintOf({ name }: Field): string {
  return `State${name.charAt(0).toUpperCase()}${name.slice(1).replace(/\W/g, "_")}`;
}

function tryAll({ names }: Converting, lines: readonly string[]): string[] {
  return [
    '    let at = "";',
    "    try {",
    ...lines.map((line) => `      ${line}`),
    "    } catch (error) {",
    `      throw ${names.codec("inside")}(error, at);`,
    "    }",
  ];
}

/** An undefined field is saved as `null`, because a missing one would keep its initial value. */
function storeAll(conversions: Converting, fields: readonly Field[]): string[] {
  const lines = fields.map((field) => {
    const value = property("from", field.name);
    const converted = conversions.convert(field.shape, "store", value, "0", hintOf(field));
    const whole = field.optional === undefined ? converted : `${value} === undefined ? null : ${converted}`;
    return `  ${propertyName(field.name)}: (at = ${JSON.stringify(field.name)}, ${whole}),`;
  });
  return ["    const from = instance as State;", ...tryAll(conversions, ["return {", ...lines, "};"])];
}

function decodeAll(conversions: Converting, { state: fields, constants, className }: ProcessModel): string[] {
  const { names } = conversions;
  const known = constants.length === 0 ? "state.fields" : `[...state.fields, ${jsonList(constants).slice(1)}`;
  const lines = fields.map((field) => {
    const value = readField({ conversions }, field.name);
    const converted = conversions.convert(field.shape, "decode", value, "0", hintOf(field));
    const whole = field.optional === undefined ? converted : `${value} === null ? undefined : ${converted}`;
    const kept = property("to", field.name);
    return `  ${propertyName(field.name)}: (at = ${
      JSON.stringify(field.name)
    }, ${value} === undefined ? ${kept} : ${whole}),`;
  });
  return [
    `    const from = ${names.codec("expectRecord")}(value, ${JSON.stringify(className)});`,
    "    const to = instance as State;",
    "    let next: State;",
    ...tryAll(conversions, ["next = {", ...lines, "};"]),
    `    ${names.codec("refuseUnknown")}(from, ${known});`,
    ...fields.map(({ name }) => `    ${property("to", name)} = ${property("next", name)};`),
  ];
}
