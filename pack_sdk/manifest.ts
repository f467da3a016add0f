/**
 * `manifest.json` of a pack, as it is written and read:
 *
 * ```json
 * {
 *   "denizen_pack": 1, "name": "text", "version": "1.0.0", "description": "…", "license": "MIT",
 *   "abi": "1.0",
 *   "templates": [{ "name": "text.tokenize", "inports": ["input"], "outports": ["output"] }],
 *   "files": [{
 *     "path": "wasm/text.wasm", "carrier": "wasm", "target": "wasm32", "bytes": 4096,
 *     "sha256": "<64 hex digits>"
 *   }]
 * }
 * ```
 *
 * The manifest of Reflow is read, too. It has `manifest_version` 1 and `targets`, its hashes are optional,
 * its templates are advisory, and its ABI number is the hash of a compiler, which says nothing here. Unknown
 * fields are ignored, and kept when a manifest is rewritten.
 */
import { ABI_MAJOR, ABI_MINOR } from "./abi.ts";
import { type Fields, JsonChecker } from "./json_checker.ts";
import { parseTemplate, type TemplateDescription } from "./metadata.ts";
import { PackFault } from "./pack_fault.ts";
import { isPrintable, quoted } from "./printable.ts";
import { isSafeName } from "./safe_name.ts";
import { sha256 } from "./sha256.ts";

export const MANIFEST_FILE = "manifest.json";
/** The target triple of a module. A manifest of ours writes `wasm32`. */
export const WASM_TARGET = "wasm32-unknown-unknown";
const SHORT_WASM_TARGET = "wasm32";

type Bytes = Uint8Array<ArrayBuffer>;

export interface ManifestFile {
  /** Relative to the manifest, with `/`. */
  readonly path: string;
  readonly carrier: "native" | "wasm";
  /** The triple of a native library, `wasm32` of a module. */
  readonly target: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** The JSON of a manifest of ours. */
export interface Manifest {
  readonly denizen_pack: 1;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly abi: string;
  readonly templates: readonly TemplateDescription[];
  readonly files: readonly ManifestFile[];
}

export interface PackTarget {
  /** Path inside the bundle or folder. */
  readonly file: string;
  /** In hex; only a manifest of Reflow may lack it. */
  readonly sha256: string | undefined;
}

/** A manifest of either format, as it is read. */
export interface PackManifest {
  readonly format: "denizen" | "reflow";
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** `major.minor` of the contract the pack is built for; `undefined` in a manifest of Reflow. */
  readonly abi: string | undefined;
  /** By target triple. */
  readonly targets: ReadonlyMap<string, PackTarget>;
  /** The ids of its templates. */
  readonly templates: readonly string[];
  /** The templates with their ports and types, which are empty where the manifest has none or wrong ones. */
  readonly descriptions: readonly TemplateDescription[];
}

/** A manifest of ours: the same input gives the same text. */
export function composeManifest(
  { name, version, description, license }: Pick<Manifest, "name" | "version" | "description" | "license">,
  templates: readonly TemplateDescription[],
  files: readonly ManifestFile[],
): Manifest {
  return {
    denizen_pack: 1,
    name,
    version,
    description,
    license,
    abi: `${ABI_MAJOR}.${ABI_MINOR}`,
    templates,
    files: files.toSorted((a, b) => a.path < b.path ? -1 : 1),
  };
}

export function manifestText(manifest: object): string {
  return JSON.stringify(manifest, null, 2) + "\n";
}

const check: JsonChecker = new JsonChecker((reason, cause) =>
  new PackFault("not_a_pack", `Cannot read the manifest as ${reason}`, 0, cause)
);

/** Names become parts of paths and of messages. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const HASH = /^[0-9a-f]{64}$/;
const VERSION = /^\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,64}$/;
const ABI = /^\d{1,5}\.\d{1,5}$/;
const TARGET = /^[A-Za-z0-9_.-]{1,100}$/;

/** @throws {PackFault} `not_a_pack`; `abi` if this host cannot run what the pack is built for. */
export function parseManifest(bytes: Uint8Array): PackManifest {
  const fields = check.object(check.parse(bytes, "it"), "it");
  const format = formatOf(fields);
  const abi = format === "denizen" ? textIn(fields, "abi", ABI) : undefined;
  if (abi !== undefined) checkAbi(abi);
  const descriptions = check.list(fields.templates ?? [], '"templates"').map(templateOf);
  return {
    format,
    name: textIn(fields, "name", NAME),
    version: textIn(fields, "version", VERSION),
    description: typeof fields.description === "string" ? fields.description : "",
    abi,
    targets: format === "denizen" ? targetsOfFiles(fields.files) : targetsOfReflow(fields.targets),
    templates: descriptions.map(({ name }) => name),
    descriptions,
  };
}

/** A manifest that `parseManifest` reads, with only these files and their hashes. Other fields stay. */
export async function rewriteManifest(manifest: Bytes, files: ReadonlyMap<string, Bytes>): Promise<Bytes> {
  const fields = check.parse(manifest, "it") as {
    files?: { target: string; bytes?: number; sha256?: string }[];
    targets?: Record<string, { bytes?: number; sha256?: string }>;
  };
  const update = async (entry: { bytes?: number; sha256?: string }, target: string) => {
    const bytes = files.get(target)!;
    if (entry.bytes !== undefined) entry.bytes = bytes.length;
    if (entry.sha256 !== undefined) entry.sha256 = await sha256(bytes);
  };
  if (Array.isArray(fields.files)) {
    fields.files = fields.files.filter(({ target }) => files.has(tripleOf(target)));
    for (const entry of fields.files) await update(entry, tripleOf(entry.target));
  } else {
    const kept = Object.entries(fields.targets ?? {}).filter(([target]) => files.has(target));
    for (const [target, entry] of kept) await update(entry, target);
    fields.targets = Object.fromEntries(kept);
  }
  return new TextEncoder().encode(manifestText(fields));
}

function tripleOf(target: string): string {
  return target === SHORT_WASM_TARGET ? WASM_TARGET : target;
}

/** A wrong value on one line. Lists and objects are not written out: they may be nested without end. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  return typeof value === "string" ? quoted(value) : String(value ?? "missing");
}

function textIn(fields: Fields, key: string, pattern: RegExp): string {
  const value = fields[key];
  if (typeof value === "string" && pattern.test(value)) return value;
  return check.refuse(`its ${key} is not right: ${shown(value)}`);
}

function formatOf(fields: Fields): PackManifest["format"] {
  if (fields.denizen_pack === 1) return "denizen";
  if (fields.denizen_pack === undefined && fields.manifest_version === 1) return "reflow";
  const version = fields.denizen_pack ?? fields.manifest_version;
  throw new PackFault(
    "abi",
    `Cannot read the manifest as its format is neither "denizen_pack" 1 nor "manifest_version" 1: ${
      version === undefined ? "none" : shown(version)
    }`,
  );
}

function checkAbi(abi: string): void {
  const [major, minor] = abi.split(".").map(Number) as [number, number];
  if (major === ABI_MAJOR && minor <= ABI_MINOR) return;
  throw new PackFault(
    "abi",
    `Cannot load the pack as it is built for ABI ${abi}: this host runs ${ABI_MAJOR}.0 to ${ABI_MAJOR}.${ABI_MINOR}`,
  );
}

function fileIn(fields: Fields, key: string): string {
  const file = fields[key];
  if (typeof file === "string" && isSafeName(file)) return file;
  return check.refuse(`the name of a file leads out of the pack: ${shown(file)}`);
}

function targetsOfFiles(value: unknown): Map<string, PackTarget> {
  const targets = new Map<string, PackTarget>();
  for (const item of check.list(value, '"files"')) {
    const fields = check.object(item, "a file");
    const target = textIn(fields, "target", TARGET), triple = tripleOf(target);
    if (targets.has(triple)) check.refuse(`it has two files for one target: ${target}`);
    targets.set(triple, { file: fileIn(fields, "path"), sha256: textIn(fields, "sha256", HASH) });
  }
  return targets;
}

function targetsOfReflow(value: unknown): Map<string, PackTarget> {
  const targets = new Map<string, PackTarget>();
  for (const [triple, entry] of Object.entries(check.object(value, '"targets"'))) {
    const fields = check.object(entry, `target ${shown(triple)}`);
    const sha256 = fields.sha256 === undefined ? undefined : textIn(fields, "sha256", HASH);
    targets.set(triple, { file: fileIn(fields, "file"), sha256 });
  }
  return targets;
}

/** A template by its name, or as an object with more. */
function templateOf(item: unknown): TemplateDescription {
  const name = typeof item === "string" ? item : check.object(item, "a template").name;
  if (typeof name !== "string" || name === "") return check.refuse("a template has no name");
  if (!isPrintable(name)) return check.refuse(`the name of a template is not right: ${shown(name)}`);
  try {
    return parseTemplate(item);
  } catch {
    return { name, inports: [], outports: [], types: {}, blocking: false, description: "" };
  }
}
