/** Writes the `StateContract` of a process. */
import type { Field, ProcessModel } from "../../model.ts";
import type { Converting, Role } from "./converting.ts";
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
      "  copy: () => undefined,",
      "  restore() {},",
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
      ...convertAll(conversions, fields, "store").map((line) => line.slice(2)),
      "}",
      "",
    ],
    constant,
    `  fields: ${list},`,
    ...store === undefined ? ["  encode(instance) {", ...convertAll(conversions, fields, "store"), "  },"] : [
      `  encode: (instance, bytesMax) => ${
        names.codec("encodeState")
      }(instance, bytesMax, state.fields, ${store}),`,
    ],
    "  decode(instance, value) {",
    ...decodeAll(conversions, model),
    "  },",
    "  copy(instance): State {",
    ...convertAll(conversions, fields, "copy"),
    "  },",
    "  restore(instance, saved) {",
    "    const from = saved as State;",
    "    const to = instance as State;",
    ...fields.map(({ name }) => `    ${property("to", name)} = ${property("from", name)};`),
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
function convertAll(conversions: Converting, fields: readonly Field[], role: Role): string[] {
  const lines = fields.map((field) => {
    const value = property("from", field.name);
    const converted = conversions.convert(field.shape, role, value, "0", hintOf(field));
    const nothing = role === "store" ? "null" : "undefined";
    const whole = field.optional === undefined
      ? converted
      : `${value} === undefined ? ${nothing} : ${converted}`;
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
