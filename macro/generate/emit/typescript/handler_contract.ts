/** Writes the `HandlerContract` of each handler. */
import type { HandlerModel, Parameter } from "../../model.ts";
import type { Converting, Role } from "./converting.ts";
import { jsonList } from "./shape_text.ts";

export function handlerLines(conversions: Converting, handler: HandlerModel, constant: string): string[] {
  const { names } = conversions;
  const { tag, method, transports, parameters, takesContext, result } = handler;
  return [
    `const ${constant}: ${names.macro("HandlerContract")} = {`,
    `  tag: ${JSON.stringify(tag)},`,
    `  method: ${JSON.stringify(method)},`,
    `  transports: ${jsonList(transports)},`,
    ...parameterLines(conversions, parameters, tag).map((line) => `  ${line}`),
    `  takesContext: ${takesContext},`,
    `  returnsResponse: ${result === "response"},`,
    ...argumentLines(conversions, handler).map((line) => `  ${line}`),
    ...(["encode", "decode", "copy"] as const).map((role) =>
      `  ${role}Result: ${
        result === "response"
          ? names.codec("refuseWireForm")
          : conversions.entry(result, role, `${tag}Result`)
      },`
    ),
    "};",
  ];
}

function hintOf(tag: string, { name }: Parameter): string {
  return tag + name.charAt(0).toUpperCase() + name.slice(1);
}

function parameterLines(conversions: Converting, parameters: readonly Parameter[], tag: string): string[] {
  if (parameters.length === 0) return ["parameters: [],"];
  const lines = parameters.map((parameter) => {
    const { name, shape, optional } = parameter;
    const kind = conversions.facts.valueOf(shape);
    const text = conversions.facts.isTextual(kind);
    const decode = optional
      ? `(wire) => ${
        optionally("wire", conversions.convert(shape, "decode", "wire", "0", hintOf(tag, parameter)))
      }`
      : conversions.entry(shape, "decode", hintOf(tag, parameter));
    const bytes = kind.kind === "bytes";
    return `  { name: ${
      JSON.stringify(name)
    }, optional: ${optional}, text: ${text}, bytes: ${bytes}, decode: ${decode} },`;
  });
  return ["parameters: [", ...lines, "],"];
}

/** On the wire `null` means an omitted argument. */
function optionally(value: string, converted: string, absence = "=="): string {
  return `${value} ${absence} undefined ? undefined : ${converted}`;
}

function argumentLines(conversions: Converting, { tag, parameters }: HandlerModel): string[] {
  const { names } = conversions;
  const label = JSON.stringify(tag);
  if (parameters.length === 0) {
    return [
      "decodeArguments(wire) {",
      `  ${names.codec("expectNoArguments")}(wire, ${label});`,
      "  return [];",
      "},",
      "encodeArguments: () => null,",
      "copyArguments: () => [],",
    ];
  }
  const one = parameters.length === 1;
  return [
    "decodeArguments(wire) {",
    ...(one
      ? oneArgument(conversions, tag, parameters[0]!, "decode", "wire")
      : manyDecoded(conversions, tag, parameters)),
    "},",
    "encodeArguments(args) {",
    ...(one
      ? oneArgument(conversions, tag, parameters[0]!, "encode", "args[0]")
      : manyEncoded(conversions, tag, parameters)),
    "},",
    "copyArguments(args) {",
    ...(one
      ? oneArgument(conversions, tag, parameters[0]!, "copy", "args[0]")
      : tryAll(conversions, tag, `[${manyParts(conversions, tag, parameters, "copy", "args")}]`)),
    "},",
  ];
}

function oneArgument(
  conversions: Converting,
  tag: string,
  parameter: Parameter,
  role: Role,
  value: string,
): string[] {
  const { names } = conversions;
  const converted = conversions.convert(parameter.shape, role, value, "0", hintOf(tag, parameter));
  const whole = !parameter.optional
    ? converted
    : role === "encode"
    ? `${value} === undefined ? null : ${converted}`
    : optionally(value, converted, role === "decode" ? "==" : "===");
  return [
    "  try {",
    `    return ${role === "encode" ? whole : `[${whole}]`};`,
    "  } catch (error) {",
    `    throw ${names.codec("inside")}(error, ${JSON.stringify(tag)});`,
    "  }",
  ];
}

/** The converted arguments, each preceded by an assignment of its index. */
function manyParts(
  conversions: Converting,
  tag: string,
  parameters: readonly Parameter[],
  role: Role,
  from: string,
): string {
  return parameters.map((parameter, at) => {
    const value = `${from}[${at}]`;
    const converted = conversions.convert(parameter.shape, role, value, "0", hintOf(tag, parameter));
    const whole = !parameter.optional
      ? converted
      : role === "encode"
      ? `${value} === undefined ? null : ${converted}`
      : optionally(value, converted, role === "decode" ? "==" : "===");
    return `(at = ${at}, ${whole})`;
  }).join(", ");
}

function tryAll({ names }: Converting, tag: string, list: string): string[] {
  const inside = names.codec("inside");
  return [
    "  let at = 0;",
    "  try {",
    `    return ${list};`,
    "  } catch (error) {",
    `    throw ${inside}(${inside}(error, at), ${JSON.stringify(tag)});`,
    "  }",
  ];
}

function manyDecoded(conversions: Converting, tag: string, parameters: readonly Parameter[]): string[] {
  const { names, facts } = conversions;
  const may = (parameter: Parameter) => parameter.optional || facts.isNullable(parameter.shape);
  const needed = parameters.findLastIndex((parameter) => !may(parameter)) + 1;
  const bounds = `${needed}, ${parameters.length}`;
  return [
    `  const from = ${names.codec("expectArguments")}(wire, ${JSON.stringify(tag)}, ${bounds});`,
    ...tryAll(conversions, tag, `[${manyParts(conversions, tag, parameters, "decode", "from")}]`),
  ];
}

/** Omits trailing optional arguments that are absent. */
function manyEncoded(conversions: Converting, tag: string, parameters: readonly Parameter[]): string[] {
  const list = `[${manyParts(conversions, tag, parameters, "encode", "args")}]`;
  if (!parameters.some((parameter) => parameter.optional)) return tryAll(conversions, tag, list);
  const needed = parameters.findLastIndex((parameter) => !parameter.optional) + 1;
  return tryAll(conversions, tag, `${conversions.names.codec("trimArguments")}(${list}, args, ${needed})`);
}
