/**
 * Checks a pack without publishing it: hashes, signature, ABI, and whether it registers the templates of its
 * manifest.
 */
import { type PackManifest, type TemplateDescription, WASM_TARGET } from "@denizen/pack-sdk";
import { DenizenError } from "../errors.ts";
import type { PackMode } from "./bundle/pack_settings.ts";
import { libraryHeader } from "./bundle/library_header.ts";
import { openPackFiles, type PackFiles } from "./bundle/pack_files.ts";
import { PackTable, type PackTableOptions } from "./pack_table.ts";
import { checkTrust } from "./carrier_choice.ts";

export interface VerifiedFile {
  readonly target: string;
  readonly file: string;
  readonly bytes: number;
  /** In hex, and equal to the hash in the manifest if that has one. */
  readonly sha256: string;
  /** The file was loaded in isolation and registers the templates of the manifest. */
  readonly ran: boolean;
}

export interface PackReport {
  readonly path: string;
  readonly kind: PackFiles["kind"];
  readonly manifest: PackManifest | undefined;
  /** The public key of its signature, in base64. */
  readonly signedBy: string | undefined;
  readonly files: readonly VerifiedFile[];
  /** The templates it registers, if any of its files was run. */
  readonly templates: readonly TemplateDescription[];
}

export interface VerifyOptions extends PackTableOptions {
  /** Also runs the library for this platform, in a process of its own. Default: false. */
  readonly native?: boolean;
  /** The public key it must be signed with, in base64. */
  readonly key?: string;
}

/** @throws {DenizenError} the first fault that is found. */
export async function verifyPack(path: string, options: VerifyOptions = {}): Promise<PackReport> {
  const { native = false, key } = options;
  const pack = await openPackFiles(path);
  checkTrust({ key }, pack);
  const files: VerifiedFile[] = [];
  let templates: readonly TemplateDescription[] = [];
  for (const [target, { file }] of pack.targets) {
    const { bytes, sha256 } = await pack.read(target);
    const isWasm = target === WASM_TARGET;
    if (!isWasm && !libraryHeader(bytes)) {
      throw new DenizenError(
        "pack_unreadable",
        `Cannot verify the pack as its file is not a library: ${file}`,
      );
    }
    const runs = isWasm || native && target === Deno.build.target && pack.manifest?.format !== "reflow";
    if (runs) {
      const mode: PackMode = isWasm ? "wasm" : "isolated";
      await using table = new PackTable(options);
      ({ templates } = await table.load({ path, mode, native, key }));
    }
    files.push({ target, file, bytes: bytes.length, sha256, ran: runs });
  }
  const { kind, manifest, signedBy } = pack;
  return { path, kind, manifest, signedBy, files, templates };
}
