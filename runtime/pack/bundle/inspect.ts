/** The description and the files of a pack. Runs none of its code. */
import { SYMBOL, type TemplateDescription, WASM_TARGET } from "@denizen/pack-sdk";
import { basename, extname } from "node:path";
import { libraryHeader } from "./library_header.ts";
import { openPackFiles, type PackFiles } from "./pack_files.ts";
import { isReflowModule } from "../reflow/carrier.ts";

export interface InspectedFile {
  readonly target: string;
  readonly file: string;
  readonly carrier: "native" | "wasm";
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** Its kind according to its first bytes, such as `linux x86_64`, or to its exports. */
  readonly looksLike: string;
}

export interface PackContents {
  readonly path: string;
  readonly kind: PackFiles["kind"];
  /** From the manifest; for a single module, as far as its exports show. */
  readonly format: "denizen" | "reflow" | "unknown";
  readonly name: string;
  /** `undefined` where only running it would show. */
  readonly version: string | undefined;
  readonly description: string;
  readonly abi: string | undefined;
  /** The public key of its signature, in base64. */
  readonly signedBy: string | undefined;
  readonly files: readonly InspectedFile[];
  /** From its manifest; `undefined` if that has no list. */
  readonly templates: readonly TemplateDescription[] | undefined;
}

/** The description that a pack gives of itself. */
export type PackSelfDescription = Pick<PackContents, "name" | "version" | "description" | "templates">;

/** @throws {DenizenError} `pack_unreadable`, `pack_incompatible` or `pack_untrusted`. */
export async function describePack(path: string): Promise<PackSelfDescription> {
  return descriptionOf(await openPackFiles(path));
}

function descriptionOf({ path, manifest }: PackFiles): PackSelfDescription {
  // A build without any of the compilers, or that may not load the only carrier, lists nothing.
  const listed = manifest !== undefined && manifest.templates.length > 0;
  return {
    name: manifest?.name ?? basename(path, extname(path)),
    version: manifest?.version,
    description: manifest?.description ?? "",
    templates: listed ? manifest.descriptions : undefined,
  };
}

/**
 * @throws {DenizenError} `pack_unreadable`, `pack_incompatible`, or `pack_untrusted` if a hash or the
 * signature is wrong.
 */
export async function inspectPack(path: string): Promise<PackContents> {
  const pack = await openPackFiles(path);
  const files: InspectedFile[] = [];
  let exported: readonly string[] = [];
  for (const [target, { file }] of pack.targets) {
    const { bytes, sha256 } = await pack.read(target);
    const carrier = target === WASM_TARGET ? "wasm" : "native";
    if (carrier === "wasm") exported = await exportsOf(bytes);
    const looksLike = carrier === "wasm" ? moduleLooks(exported) : libraryLooks(bytes);
    files.push({ target, file, carrier, bytes: bytes.length, sha256, looksLike });
  }
  const { kind, manifest, signedBy } = pack;
  const { templates, ...description } = descriptionOf(pack);
  return {
    path,
    kind,
    format: manifest?.format ?? formatOf(exported),
    ...description,
    abi: manifest?.abi,
    signedBy,
    files,
    templates,
  };
}

/**
 * The file of a pack for a target triple, with its hash checked.
 *
 * @throws {DenizenError} `pack_unreadable`, `pack_incompatible` or `pack_untrusted`.
 */
export async function readPackFile(path: string, target: string): Promise<Uint8Array<ArrayBuffer>> {
  return (await (await openPackFiles(path)).read(target)).bytes;
}

/** The exports of a module; none if it is damaged. Compiling it runs none of its code. */
async function exportsOf(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  try {
    return WebAssembly.Module.exports(await WebAssembly.compile(bytes)).map(({ name }) => name);
  } catch {
    return [];
  }
}

function formatOf(exported: readonly string[]): PackContents["format"] {
  if (isReflowModule(exported)) return "reflow";
  return exported.includes(SYMBOL.abi) ? "denizen" : "unknown";
}

function moduleLooks(exported: readonly string[]): string {
  if (exported.length === 0) return "not a valid WebAssembly module";
  const format = formatOf(exported);
  if (format === "unknown") return "a WebAssembly module that is not a pack";
  return format === "reflow" ? "a module of Reflow's SDK" : "a module of Denizen's ABI";
}

function libraryLooks(bytes: Uint8Array): string {
  const header = libraryHeader(bytes);
  return header ? `${header.os} ${header.arch ?? "on another processor"}` : "not a library";
}
