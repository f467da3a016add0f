/** Emits the typed module of a pack: a constant for each template. The same pack gives the same text. */
import type { Emitter } from "../../emitter.ts";
import { moduleHeader } from "../../freshness/generated_file.ts";
import { hashOf } from "../../freshness/hashes.ts";
import { packModuleName } from "../../naming.ts";
import type {
  PackDescription,
  PackModel,
  PortModel,
  TemplateDescription,
  TemplateModel,
} from "../../pack_model.ts";

/** To be raised with every change of the output. */
const FORMAT = 3;
const LINE_MAX = 110;
const DOC_CHARACTERS_MAX = 1_000;
const DIGEST_CHARACTERS = 32;

export const emitPackModule: Emitter<PackModel> = async ({ pack, folder, description, templates }) => {
  const body = ['import type { Template } from "@denizen/runtime";\n', ...templates.map(constantText)].join(
    "\n",
  );
  return [{
    path: `${folder}/${packModuleName(pack)}`,
    text: await headerOf(pack, description, body) + body,
  }];
};

/** Whether a module was made from this description and is unchanged since. Does not need TypeScript. */
export async function isUpToDate(
  text: string,
  pack: string,
  description: PackDescription,
): Promise<boolean> {
  const start = text.indexOf("\n\n") + 2;
  return text.slice(0, start) === await headerOf(pack, description, text.slice(start));
}

/** The header ends with a digest of the description and of the text below it. */
async function headerOf(pack: string, description: PackDescription, body: string): Promise<string> {
  const { name, version } = description;
  const digest = await hashOf(JSON.stringify([FORMAT, description, body]));
  const from = `the pack ${commentText(pack)}, ${commentText(`${name} ${version}`)}`;
  return `${moduleHeader("pack types", from)}\n// ${digest.slice(0, DIGEST_CHARACTERS)}\n\n`;
}

function constantText({ constant, description, in: inports, out, config }: TemplateModel): string {
  return [
    ...docLines(description),
    `export const ${constant}: Template<{`,
    `  in: ${objectText(inports, "Record<string, never>")};`,
    `  out: ${objectText(out, "Record<string, never>")};`,
    `  config: ${objectText(config, "{ readonly [key: string]: unknown }")};`,
    `}> = { id: ${quoted(description.name)} };\n`,
  ].join("\n");
}

/** An object type with a field for each port. */
function objectText(ports: readonly PortModel[], empty: string): string {
  if (ports.length === 0) return empty;
  const fields = ports.map(({ name, type, optional }) =>
    `readonly ${fieldName(name)}${optional ? "?" : ""}: ${type}`
  );
  const line = `{ ${fields.join("; ")} }`;
  return line.length + "  config: ;".length <= LINE_MAX
    ? line
    : `{\n${fields.map((field) => `    ${field};\n`).join("")}  }`;
}

function fieldName(port: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(port) ? port : quoted(port);
}

/** A string literal of ASCII only. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function docLines({ description, blocking }: TemplateDescription): string[] {
  const sentence = commentText(description).replaceAll("*/", "* /").slice(0, DOC_CHARACTERS_MAX);
  const about = [
    sentence && !/[.!?]$/.test(sentence) ? `${sentence}.` : sentence,
    blocking ? "It may take a long time." : "",
  ].filter(Boolean).join(" ");
  return about === "" ? [] : [`/** ${about} */`];
}

/** A text from a pack as one line of a comment, without control characters and changes of the direction. */
function commentText(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, " ").trim();
}
