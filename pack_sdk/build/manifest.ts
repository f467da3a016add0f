/** `manifest.json` of a built pack: its templates and its files. The same input gives the same bytes. */
import { ABI_MAJOR, ABI_MINOR } from "../abi.ts";
import type { TemplateDescription } from "../metadata.ts";
import type { CarrierKind, PackFile } from "./pack_file.ts";

export const MANIFEST_FILE = "manifest.json";

export interface ManifestFile {
  /** Relative to the manifest, with `/`. */
  readonly path: string;
  readonly carrier: CarrierKind;
  /** The triple of a native library, `wasm32` of a module. */
  readonly target: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface Manifest {
  /** Of this format. */
  readonly denizen_pack: 1;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly abi: string;
  readonly templates: readonly TemplateDescription[];
  readonly files: readonly ManifestFile[];
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

export function composeManifest(
  pack: PackFile,
  templates: readonly TemplateDescription[],
  files: readonly ManifestFile[],
): Manifest {
  const { name, version, description, license } = pack;
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
