/**
 * `manifest.json` of a pack. Ours is what the build writes:
 *
 * ```json
 * {
 *   "denizen_pack": 1, "name": "text", "version": "1.0.0", "abi": "1.0",
 *   "templates": [{ "name": "text.tokenize", "inports": ["input"], "outports": ["output"] }],
 *   "files": [{ "path": "wasm/text.wasm", "carrier": "wasm", "target": "wasm32", "bytes": 4096, "sha256": "<64 hex digits>" }]
 * }
 * ```
 *
 * Reflow's has `manifest_version` 1 and `targets`: it has no hashes, its list of templates is advisory, and its ABI number is a
 * hash of a compiler, which is of no use. Fields that are not known are ignored.
 */
import { ABI_MAJOR, ABI_MINOR, parseTemplate, type TemplateDescription } from "@denizen/pack-sdk";
import { DenizenError, shortened } from "../../errors.ts";
import { PACK_MANIFEST_BYTES_MAX } from "../../limits.ts";
import { isSafeName } from "./safe_name.ts";

export const MANIFEST_FILE = "manifest.json";
export const WASM_TARGET = "wasm32-unknown-unknown";

export interface PackTarget {
  /** Its name inside the bundle or folder. */
  readonly file: string;
  /** In hex; only a manifest of Reflow may lack it. */
  readonly sha256: string | undefined;
}

export interface PackManifest {
  readonly format: "denizen" | "reflow";
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** `major.minor` of the contract it is built for; a manifest of Reflow has none that means anything. */
  readonly abi: string | undefined;
  /** By target triple. */
  readonly targets: ReadonlyMap<string, PackTarget>;
  /** The ids of its templates. */
  readonly templates: readonly string[];
  /** The same with what else it says of them. What it says wrongly, or does not say, is empty. */
  readonly descriptions: readonly TemplateDescription[];
}

type Fields = Record<string, unknown>;

function refuse(reason: string, cause?: unknown): DenizenError {
  return new DenizenError("pack_unreadable", `Cannot read the manifest as ${reason}`, { cause });
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse(`${what} is no object`);
  }
  return value as Fields;
}

/** What stands there instead, on one line. Lists and objects are not written out: they may be nested without end. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  return shortened(JSON.stringify(value) ?? "missing");
}

function textIn(fields: Fields, key: string, pattern: RegExp): string {
  const value = fields[key];
  if (typeof value === "string" && pattern.test(value)) return value;
  throw refuse(`its ${key} is not right: ${shown(value)}`);
}

/** Names become parts of paths and of messages. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const HASH = /^[0-9a-f]{64}$/;
const VERSION = /^\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,64}$/;

/** @throws {DenizenError} `pack_unreadable`; `pack_incompatible` if this host cannot run what it is built for. */
export function parseManifest(bytes: Uint8Array): PackManifest {
  const fields = fieldsOf(parseJson(bytes), "it");
  const format = formatOf(fields);
  const abi = format === "denizen" ? textIn(fields, "abi", /^\d{1,5}\.\d{1,5}$/) : undefined;
  if (abi !== undefined) checkAbi(abi);
  const descriptions = parseTemplates(fields.templates ?? []);
  return {
    format,
    name: textIn(fields, "name", NAME),
    version: textIn(fields, "version", VERSION),
    description: typeof fields.description === "string" ? fields.description : "",
    abi,
    targets: format === "denizen" ? parseFiles(fields.files) : parseTargets(fields.targets),
    templates: descriptions.map(({ name }) => name),
    descriptions,
  };
}

function formatOf(fields: Fields): PackManifest["format"] {
  if (fields.denizen_pack === 1) return "denizen";
  if (fields.denizen_pack === undefined && fields.manifest_version === 1) return "reflow";
  const version = fields.denizen_pack ?? fields.manifest_version;
  throw new DenizenError(
    "pack_incompatible",
    `Cannot read the manifest as its format is neither "denizen_pack" 1 nor "manifest_version" 1: ${
      version === undefined ? "none" : shown(version)
    }`,
  );
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > PACK_MANIFEST_BYTES_MAX) {
    throw refuse(
      `it has more than ${PACK_MANIFEST_BYTES_MAX} bytes (PACK_MANIFEST_BYTES_MAX): ${bytes.length}`,
    );
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refuse("it is not JSON", cause);
  }
}

function checkAbi(abi: string): void {
  const [major, minor] = abi.split(".").map(Number) as [number, number];
  if (major === ABI_MAJOR && minor <= ABI_MINOR) return;
  throw new DenizenError(
    "pack_incompatible",
    `Cannot load the pack as it is built for ABI ${abi}: this host runs ${ABI_MAJOR}.0 to ${ABI_MAJOR}.${ABI_MINOR}`,
  );
}

function fileIn(fields: Fields, key: string): string {
  const file = fields[key];
  if (typeof file === "string" && isSafeName(file)) return file;
  throw refuse(`a file's name leads out of the pack: ${shown(file)}`);
}

function parseFiles(value: unknown): Map<string, PackTarget> {
  if (!Array.isArray(value)) throw refuse("files is no list");
  const targets = new Map<string, PackTarget>();
  for (const item of value) {
    const fields = fieldsOf(item, "a file");
    const target = textIn(fields, "target", /^[A-Za-z0-9_.-]{1,100}$/);
    const triple = target === "wasm32" ? WASM_TARGET : target;
    if (targets.has(triple)) throw refuse(`it has two files for one target: ${target}`);
    targets.set(triple, { file: fileIn(fields, "path"), sha256: textIn(fields, "sha256", HASH) });
  }
  return targets;
}

function parseTargets(value: unknown): Map<string, PackTarget> {
  const targets = new Map<string, PackTarget>();
  for (const [triple, entry] of Object.entries(fieldsOf(value, "targets"))) {
    const fields = fieldsOf(entry, `target ${shown(triple)}`);
    const sha256 = fields.sha256 === undefined ? undefined : textIn(fields, "sha256", HASH);
    targets.set(triple, { file: fileIn(fields, "file"), sha256 });
  }
  return targets;
}

function parseTemplates(value: unknown): TemplateDescription[] {
  if (!Array.isArray(value)) throw refuse("templates is no list");
  return value.map((item) => {
    const name = typeof item === "string" ? item : fieldsOf(item, "a template").name;
    if (typeof name !== "string" || name === "") throw refuse("a template has no name");
    if (/[\p{Cc}\p{Bidi_Control}]/u.test(name)) {
      throw refuse(`a template's name is not right: ${shown(name)}`);
    }
    try {
      return parseTemplate(item);
    } catch {
      return { name, inports: [], outports: [], types: {}, blocking: false, description: "" };
    }
  });
}
