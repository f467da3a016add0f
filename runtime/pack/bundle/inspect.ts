/** What a pack says about itself and what it is made of. Runs nothing of it. */
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
  /** What it is by its first bytes, such as `linux x86_64`, or by what it exports. */
  readonly looksLike: string;
}

export interface PackContents {
  readonly path: string;
  readonly kind: PackFiles["kind"];
  /** Of the manifest; of a single module, as far as its exports tell. */
  readonly format: "denizen" | "reflow" | "unknown";
  readonly name: string;
  /** `undefined` where only running it would tell. */
  readonly version: string | undefined;
  readonly description: string;
  readonly abi: string | undefined;
  /** The public key that signed it, in base64. */
  readonly signedBy: string | undefined;
  readonly files: readonly InspectedFile[];
  /** As its manifest has them; `undefined` where there is no list. */
  readonly templates: readonly TemplateDescription[] | undefined;
}

/** What a pack says of itself. */
export type PackSelfDescription = Pick<PackContents, "name" | "version" | "description" | "templates">;

/** @throws {DenizenError} `pack_unreadable`, `pack_incompatible` or `pack_untrusted`. */
export async function describePack(path: string): Promise<PackSelfDescription> {
  return descriptionOf(await openPackFiles(path));
}

function descriptionOf({ path, manifest }: PackFiles): PackSelfDescription {
  // A build that lacks the compilers for all carriers, or must not load the only one, lists nothing.
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

/** What a module exports; nothing if it is damaged. Compiling it runs none of it. */
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
  if (exported.length === 0) return "no valid WebAssembly module";
  const format = formatOf(exported);
  if (format === "unknown") return "a WebAssembly module that is no pack";
  return format === "reflow" ? "a module of Reflow's SDK" : "a module of Denizen's ABI";
}

function libraryLooks(bytes: Uint8Array): string {
  const header = libraryHeader(bytes);
  return header ? `${header.os} ${header.arch ?? "on another processor"}` : "no library";
}
