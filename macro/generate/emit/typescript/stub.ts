/** Writes the typed stub through which other processes of the node call this one. */
import type { HandlerModel, Parameter, ProcessModel } from "../../model.ts";
import type { Converting } from "./converting.ts";

/** @param constants the name of each handler's contract, by tag. */
export function stubLines(
  conversions: Converting,
  model: ProcessModel,
  constants: ReadonlyMap<string, string>,
): string[] {
  const handlers = model.handlers.filter((handler) => handler.transports.includes("local"));
  if (handlers.length === 0) return [];
  const { names } = conversions;
  const caller = names.runtime("Caller");
  const stub = names.claim(`${model.className}LocalRpc`);
  const id = JSON.stringify(model.id);
  return [
    `/** Calls ${model.className} from a process of the same node. */`,
    `export class ${stub} {`,
    `  readonly #caller: ${caller};`,
    "  readonly #target: string;",
    "",
    `  constructor(caller: ${caller}, target: string) {`,
    "    this.#caller = caller;",
    "    this.#target = target;",
    "  }",
    ...handlers.flatMap((handler) => ["", ...methodLines(conversions, handler, constants.get(handler.tag)!)]),
    "}",
    "",
    model.keyed
      ? `/** The ${model.className} with the key \`key\`, which its first message brings to life. */`
      : `/** The node's ${model.className}. */`,
    `export function localRpc(caller: ${caller}${model.keyed ? ", key: string" : ""}): ${stub} {`,
    `  return new ${stub}(caller, ${model.keyed ? `${names.runtimeValue("keyedId")}(${id}, key)` : id});`,
    "}",
  ];
}

function methodLines(conversions: Converting, handler: HandlerModel, constant: string): string[] {
  const { names } = conversions;
  const taken = new Set(handler.parameters.map((parameter) => parameter.name));
  const options = ["options", "callOptions", "options_"].find((name) => !taken.has(name)) ?? "callOptions_";
  const list = [
    ...handler.parameters.map((parameter, at) =>
      parameterText(conversions, handler.parameters, parameter, at)
    ),
    `${options}?: ${names.runtime("CallOptions")}`,
  ];
  const result = handler.result === "response" ? "never" : looseText(conversions.text.of(handler.result));
  const args = handler.parameters.map((parameter) => parameter.name).join(", ");
  const head = `  ${handler.method}(${list.join(", ")}): Promise<${
    names.runtime("SendResult")
  }<${result}>> {`;
  return [
    ...docLines(methodDoc(handler)).map((line) => `  ${line}`),
    ...head.length <= 110 ? [head] : [
      `  ${handler.method}(`,
      ...list.map((parameter) => `    ${parameter},`),
      `  ): Promise<SendResult<${result}>> {`,
    ],
    `    return this.#caller.call<${result}>(this.#target, ${constant}, [${args}], ${options});`,
    "  }",
  ];
}

/** The comment of a method as source has it; the parts that the model keeps apart come last. */
function methodDoc({ doc, parameters, resultDoc }: HandlerModel): string | undefined {
  const tags = [
    ...parameters.flatMap(({ name, doc }) => doc === undefined ? [] : [`@param ${name} ${doc}`]),
    ...resultDoc === undefined ? [] : [`@returns ${resultDoc}`],
  ];
  const parts = [doc, tags.join("\n")].filter(Boolean);
  return parts.length === 0 ? undefined : parts.join("\n\n");
}

/** Only trailing optional parameters can be omitted; before a required one they are `undefined`. */
function parameterText(
  conversions: Converting,
  all: readonly Parameter[],
  parameter: Parameter,
  at: number,
): string {
  const type = looseText(conversions.text.of(parameter.shape));
  if (!parameter.optional) return `${parameter.name}: ${type}`;
  const last = all.slice(at).every((other) => other.optional);
  return last ? `${parameter.name}?: ${type}` : `${parameter.name}: ${type} | undefined`;
}

/** Callers may pass bytes of any buffer, and get a plain `Uint8Array`. */
function looseText(type: string): string {
  return type.replaceAll("<ArrayBuffer>", "");
}

function docLines(doc: string | undefined): string[] {
  if (doc === undefined) return [];
  const lines = doc.replaceAll("*/", "*\\/").split("\n");
  if (lines.length === 1) return [`/** ${lines[0]} */`];
  return ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"];
}
