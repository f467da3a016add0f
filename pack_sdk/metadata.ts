/** What a pack says about itself (`ABI.md`, section 4), and whether what it registered agrees. */
import { METADATA_BYTES_MAX, TEMPLATE_ID_BYTES_MAX, TEMPLATES_MAX } from "./abi.ts";
import { PackFault } from "./pack_fault.ts";

export interface TemplateDescription {
  readonly name: string;
  readonly inports: readonly string[];
  readonly outports: readonly string[];
  /** TypeScript types by port, `out.<port>` and `config.<key>`. */
  readonly types: Readonly<Record<string, string>>;
  /** A tick may take long and does not run on the node's own thread. */
  readonly blocking: boolean;
  readonly description: string;
}

/** Templates stand in the order of their factories. */
export interface PackDescription {
  readonly name: string;
  readonly version: string;
  readonly templates: readonly TemplateDescription[];
}

type Fields = Record<string, unknown>;

function refuse(reason: string, cause?: unknown): never {
  throw new PackFault(
    "metadata",
    `Cannot load the pack as ${reason}`,
    0,
    cause,
  );
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(`${what} is no object`);
  }
  return value as Fields;
}

/** The beginning of a text, in ASCII. */
function quoted(text: string): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text.slice(0, 40)).replace(/[^ -~]/g, escape);
}

/** What a terminal would act on, or what would begin another line of a log. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/** Names and versions go into logs, addresses and terminals as they are. */
function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text) && text.isWellFormed();
}

function textIn(fields: Fields, key: string, what: string): string {
  const value = fields[key];
  if (typeof value !== "string" || value === "") {
    refuse(`${what} has no ${key}`);
  }
  if (!isPrintable(value)) {
    refuse(`the ${key} of ${what} has characters that cannot be shown: ${quoted(value)}`);
  }
  return value;
}

function textsIn(fields: Fields, key: string, what: string): string[] {
  const value = fields[key];
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    refuse(`${what} has no list of ${key}`);
  }
  if (new Set(value).size !== value.length) {
    refuse(`${what} has a port twice in its ${key}`);
  }
  const odd = value.find((item) => !isPrintable(item));
  if (odd !== undefined) refuse(`${what} has characters that cannot be shown in its ${key}: ${quoted(odd)}`);
  return value as string[];
}

export function parseTemplate(value: unknown): TemplateDescription {
  const fields = fieldsOf(value, "a template");
  const name = textIn(fields, "name", "a template");
  if (new TextEncoder().encode(name).length > TEMPLATE_ID_BYTES_MAX) {
    refuse(
      `the id of a template is longer than ${TEMPLATE_ID_BYTES_MAX} bytes: ${quoted(name)}`,
    );
  }
  const types = Object.fromEntries(
    Object.entries(fieldsOf(fields.types ?? {}, `types of "${name}"`)).filter((
      [, type],
    ) => typeof type === "string"),
  ) as Record<string, string>;
  return {
    name,
    inports: textsIn(fields, "inports", `template "${name}"`),
    outports: textsIn(fields, "outports", `template "${name}"`),
    types,
    blocking: fields.blocking === true,
    description: typeof fields.description === "string" ? fields.description : "",
  };
}

export function parseMetadata(bytes: Uint8Array): unknown {
  if (bytes.length > METADATA_BYTES_MAX) {
    refuse(`its metadata are longer than ${METADATA_BYTES_MAX} bytes`);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    refuse("its metadata are not JSON", cause);
  }
}

export function parseDescription(bytes: Uint8Array): PackDescription {
  const fields = fieldsOf(parseMetadata(bytes), "its description");
  return {
    name: textIn(fields, "name", "its description"),
    version: textIn(fields, "version", "its description"),
    templates: parseTemplates(fields.templates),
  };
}

export function parseTemplates(list: unknown): TemplateDescription[] {
  if (!Array.isArray(list)) refuse("its description has no list of templates");
  if (list.length > TEMPLATES_MAX) {
    refuse(`it has more than ${TEMPLATES_MAX} templates: ${list.length}`);
  }
  return list.map(parseTemplate);
}

/** Takes registrations one by one and answers with their status. */
export class Registrations {
  readonly ids: string[] = [];
  readonly #taken = new Set<string>();

  add(id: string): number {
    if (this.#taken.has(id)) return -3;
    if (this.ids.length >= TEMPLATES_MAX) return -4;
    this.#taken.add(id);
    this.ids.push(id);
    return 0;
  }

  /** Throws if registering failed, or if other templates were registered than are described. */
  settle(status: number, description: PackDescription): void {
    if (status !== 0) {
      throw new PackFault(
        "register",
        `Cannot load the pack as registering its templates failed: status ${status}`,
        status,
      );
    }
    const described = description.templates.map(({ name }) => name);
    const same = described.length === this.ids.length &&
      described.every((name, factory) => name === this.ids[factory]);
    if (!same) {
      refuse(
        `it registers other templates than it describes: ${this.ids.join(", ")} and not ${
          described.join(", ")
        }`,
      );
    }
  }
}
