/** Writes the `Request` and `Response` unions: the content of messages, with typed values. */
import type { HandlerModel } from "../../model.ts";
import type { Converting } from "./converting.ts";

export function messageLines(conversions: Converting, handlers: readonly HandlerModel[]): string[] {
  const answering = handlers.flatMap((handler) =>
    handler.result === "response" ? [] : [{ ...handler, result: handler.result }]
  );
  return [
    "/** What it can be asked, under the tag of the handler. */",
    ...unionLines(
      "Request",
      handlers.map((handler) => `{ ${handler.tag}: ${argumentsText(conversions, handler)} }`),
    ),
    "",
    "/** What it answers, under the tag of the handler; on the wire the value stands alone. */",
    ...unionLines(
      "Response",
      answering.map(({ tag, result }) =>
        `{ ${tag}: ${result.kind === "void" ? "null" : conversions.text.of(result)} }`
      ),
    ),
  ];
}

function unionLines(name: string, members: readonly string[]): string[] {
  if (members.length === 0) return [`export type ${name} = never;`];
  const line = `export type ${name} = ${members.join(" | ")};`;
  if (line.length <= 110) return [line];
  return [
    `export type ${name} =`,
    ...members.map((member, at) => `  | ${member}${at === members.length - 1 ? ";" : ""}`),
  ];
}

function argumentsText(conversions: Converting, { parameters }: HandlerModel): string {
  const [only, second] = parameters;
  if (only === undefined) return "null";
  if (second === undefined) return conversions.text.of(only.shape) + (only.optional ? " | null" : "");
  const elements = parameters.map(({ name, shape, optional }, at) => {
    const type = conversions.text.of(shape);
    if (!optional) return `${name}: ${type}`;
    return parameters.slice(at).every((other) => other.optional)
      ? `${name}?: ${type}`
      : `${name}: ${type} | null`;
  });
  return `[${elements.join(", ")}]`;
}
