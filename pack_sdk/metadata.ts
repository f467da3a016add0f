/** How a pack describes itself (`ABI.md`, section 4), and whether it registers what it describes. */
import { METADATA_BYTES_MAX, TEMPLATE_ID_BYTES_MAX, TEMPLATES_MAX } from "./abi.ts";
import { type Fields, JsonChecker } from "./json_checker.ts";
import { PackFault } from "./pack_fault.ts";
import { isPrintable, quoted } from "./printable.ts";

export interface TemplateDescription {
  readonly name: string;
  readonly inports: readonly string[];
  readonly outports: readonly string[];
  /** TypeScript types by port, `out.<port>` and `config.<key>`. */
  readonly types: Readonly<Record<string, string>>;
  /** A tick may take long, so it must not run on the node's thread. */
  readonly blocking: boolean;
  readonly description: string;
}

/** The templates are in the order of their factories. */
export interface PackDescription {
  readonly name: string;
  readonly version: string;
  readonly templates: readonly TemplateDescription[];
}

const check: JsonChecker = new JsonChecker((reason, cause) =>
  new PackFault("metadata", `Cannot load the pack as ${reason}`, 0, cause)
);

function textIn(fields: Fields, key: string, what: string): string {
  const value = check.text(fields, key, what);
  if (isPrintable(value)) return value;
  return check.refuse(`the ${key} of ${what} has characters that cannot be shown: ${quoted(value)}`);
}

function portsIn(fields: Fields, key: string, what: string): string[] {
  const ports = check.texts(fields[key], `the field "${key}" of ${what}`);
  if (new Set(ports).size !== ports.length) check.refuse(`${what} has a port twice in its ${key}`);
  const odd = ports.find((port) => !isPrintable(port));
  if (odd === undefined) return ports;
  return check.refuse(`${what} has characters that cannot be shown in its ${key}: ${quoted(odd)}`);
}

export function parseTemplate(value: unknown): TemplateDescription {
  const fields = check.object(value, "a template");
  const name = textIn(fields, "name", "a template");
  if (new TextEncoder().encode(name).length > TEMPLATE_ID_BYTES_MAX) {
    check.refuse(`the id of a template is longer than ${TEMPLATE_ID_BYTES_MAX} bytes: ${quoted(name)}`);
  }
  const types = Object.entries(check.object(fields.types ?? {}, `types of "${name}"`))
    .filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    name,
    inports: portsIn(fields, "inports", `template "${name}"`),
    outports: portsIn(fields, "outports", `template "${name}"`),
    types: Object.fromEntries(types),
    blocking: fields.blocking === true,
    description: typeof fields.description === "string" ? fields.description : "",
  };
}

export function parseMetadata(bytes: Uint8Array): unknown {
  if (bytes.length > METADATA_BYTES_MAX) {
    check.refuse(`its metadata is longer than ${METADATA_BYTES_MAX} bytes`);
  }
  return check.parse(bytes, "its metadata");
}

export function parseDescription(bytes: Uint8Array): PackDescription {
  const fields = check.object(parseMetadata(bytes), "its description");
  return {
    name: textIn(fields, "name", "its description"),
    version: textIn(fields, "version", "its description"),
    templates: parseTemplates(fields.templates),
  };
}

export function parseTemplates(value: unknown): TemplateDescription[] {
  const list = check.list(value, 'the field "templates" of its description');
  if (list.length > TEMPLATES_MAX) {
    check.refuse(`it has more than ${TEMPLATES_MAX} templates: ${list.length}`);
  }
  return list.map(parseTemplate);
}

/** Collects the registrations of a pack; each gets a status. */
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

  /**
   * @throws {PackFault} if registering failed, or if the registered templates are not those of the
   * description.
   */
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
      check.refuse(
        `it registers other templates than it describes: ${this.ids.join(", ")} and not ${
          described.join(", ")
        }`,
      );
    }
  }
}
