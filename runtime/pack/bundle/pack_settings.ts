/**
 * `denizen.packs` of an app's `deno.json`, by name:
 *
 * ```json
 * { "denizen": { "packs": {
 *   "text": "./packs/text",
 *   "hash": { "path": "./packs/hash.pack", "native": true, "trusted": true },
 *   "resize": { "path": "./resize.rflpack", "timeLimitMs": 2000, "memoryBytesMax": 67108864 },
 *   "words": { "path": "./words.pack", "processes": { "tokenizer": "words.tokenize" } }
 * } } }
 * ```
 *
 * `processes` mounts templates as processes of their own, by the names that their addresses begin with; a
 * mount with a configuration or with keys is an object:
 * `{ "template": "words.tokenize", "config": { "small": true }, "keyed": true }`.
 */
import { PROCESS_NAME } from "@denizen/macro";
import { isAbsolute, join } from "node:path";
import { DenizenError, shortened } from "../../errors.ts";
import type { PortValues } from "../../process/packs.ts";

/** How an app wants a pack to run. */
export type PackMode = "auto" | "native" | "isolated" | "wasm";

export interface PackRequest {
  /** A bundle, a folder, a library or a module. */
  readonly path: string;
  /** Default: `auto`. */
  readonly mode?: PackMode;
  /** Whether its native code may run. Default: false. */
  readonly native?: boolean;
  /** Whether it may run on the node's own thread, where it cannot be stopped. Default: false. */
  readonly trusted?: boolean;
  /** The public key that must have signed it, in base64; the pack is trusted then. */
  readonly key?: string;
  /** How long one call may take. Default: none on the node's thread, `PACK_CALL_MS_DEFAULT` elsewhere. */
  readonly timeLimitMs?: number;
  /** How much memory its WebAssembly may have. Default: `PACK_MEMORY_BYTES_DEFAULT`. */
  readonly memoryBytesMax?: number;
  /** Templates mounted as processes. */
  readonly processes?: readonly TemplateMount[];
  /** A node that cannot load it logs that and starts without it. Default: false. */
  readonly optional?: boolean;
}

/** A template as a process: `run` takes values by inport. */
export interface TemplateMount {
  /** Such as `tokenizer:my-app:me.os`. */
  readonly id: string;
  readonly template: string;
  readonly config?: PortValues;
  /** One process, with an instance of its own, for each key. Default: false. */
  readonly keyed?: boolean;
}

/** The end of the addresses of these processes. */
export interface PackIdentity {
  readonly package: string;
  readonly publisher: string;
}

const MODES: readonly PackMode[] = ["auto", "native", "isolated", "wasm"];

/** Checks the value of a field, and says what to write instead. */
type Rule = readonly [fits: (value: unknown) => boolean, fix: string];

const FIELDS: Record<Exclude<keyof PackRequest, "optional">, Rule> = {
  path: [(value) => typeof value === "string" && value !== "", "a path"],
  mode: [(value) => MODES.includes(value as PackMode), MODES.join(", ")],
  native: [(value) => typeof value === "boolean", "true or false"],
  trusted: [(value) => typeof value === "boolean", "true or false"],
  key: [(value) => typeof value === "string" && value !== "", "an Ed25519 public key in base64"],
  timeLimitMs: [isPositive, "milliseconds, more than 0"],
  memoryBytesMax: [isPositive, "bytes, more than 0"],
  processes: [isRecord, "templates by the name of a process"],
};

const MOUNT_FIELDS: Record<Exclude<keyof TemplateMount, "id">, Rule> = {
  template: [(value) => typeof value === "string" && value !== "", "the id of a template"],
  config: [isRecord, "an object"],
  keyed: [(value) => typeof value === "boolean", "true or false"],
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPositive(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function wrong(where: string, value: unknown, fix: string): DenizenError {
  const text = shortened(JSON.stringify(value) ?? "missing");
  return new DenizenError("bad_option", `Cannot read ${where} as it is ${text}; write ${fix}`);
}

/**
 * Reads the value of `denizen.packs`. Relative paths start at `folder`, the folder of the `deno.json`;
 * processes belong to `identity`.
 *
 * @throws {DenizenError} `bad_option` with the field.
 */
export function parsePackSettings(
  value: unknown,
  folder: string,
  identity: PackIdentity,
): Map<string, PackRequest> {
  const requests = new Map<string, PackRequest>();
  if (value === undefined) return requests;
  if (!isRecord(value)) throw wrong("denizen.packs", value, "packs by name");
  for (const [name, entry] of Object.entries(value)) {
    requests.set(name, parseEntry(`denizen.packs.${name}`, entry, folder, identity));
  }
  return requests;
}

function parseEntry(where: string, entry: unknown, folder: string, identity: PackIdentity): PackRequest {
  const fields = typeof entry === "string" ? { path: entry } : entry;
  if (!isRecord(fields)) throw wrong(where, entry, "a path, or an object with one");
  checkFields(where, fields, FIELDS);
  const { path, processes, ...rest } = fields as { path?: string; processes?: object };
  if (path === undefined) throw wrong(`${where}.path`, undefined, "a path");
  return {
    path: isAbsolute(path) ? path : join(folder, path),
    ...rest,
    ...processes && {
      processes: Object.entries(processes).map(([name, mount]) =>
        parseMount(`${where}.processes.${name}`, name, mount, identity)
      ),
    },
  };
}

function parseMount(where: string, name: string, mount: unknown, identity: PackIdentity): TemplateMount {
  if (!PROCESS_NAME.pattern.test(name)) {
    throw wrong(where, name, 'a name of lower-case letters, digits and "-"');
  }
  const fields = typeof mount === "string" ? { template: mount } : mount;
  if (!isRecord(fields)) throw wrong(where, mount, "a template, or an object with one");
  checkFields(where, fields, MOUNT_FIELDS);
  const { template } = fields as { template?: string };
  if (template === undefined) throw wrong(`${where}.template`, undefined, "the id of a template");
  return { ...fields, template, id: `${name}:${identity.package}:${identity.publisher}` };
}

function checkFields(
  where: string,
  fields: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, Rule>>,
): void {
  for (const [field, value] of Object.entries(fields)) {
    if (!Object.hasOwn(rules, field)) {
      throw wrong(`${where}.${field}`, value, `one of ${Object.keys(rules).join(", ")}`);
    }
    const [fits, fix] = rules[field]!;
    if (!fits(value)) throw wrong(`${where}.${field}`, value, fix);
  }
}
