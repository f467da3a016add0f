/**
 * Creates bundles: from a pack built into a folder, with a signature, or with fewer files. Runs none of
 * their code.
 */
import { MANIFEST_FILE, type PackManifest, rewriteManifest } from "@denizen/pack-sdk";
import { basename } from "node:path";
import { DenizenError } from "../../errors.ts";
import { openPackFiles, type PackEntry, type PackFiles } from "./pack_files.ts";
import { SIGNATURE_FILE, signManifest } from "./signature.ts";
import { writeZip } from "./zip_writer.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface StripOptions {
  /** Target triples to keep. Naming one that the pack does not have is an error. */
  readonly keep: readonly string[];
  /** Makes a file smaller. Default: files are not changed. */
  readonly shrink?: (target: string, bytes: Bytes) => Promise<Bytes>;
}

export interface StrippedBundle {
  readonly bytes: Bytes;
  readonly removed: readonly { readonly target: string; readonly file: string; readonly bytes: number }[];
  readonly shrunk: readonly { readonly target: string; readonly before: number; readonly after: number }[];
  /** Whether it had a signature, which is no longer valid for the new content. */
  readonly signatureDropped: boolean;
}

async function openWithManifest(path: string, verb: string): Promise<PackFiles & { manifest: PackManifest }> {
  const files = await openPackFiles(path);
  if (files.manifest) return files as PackFiles & { manifest: PackManifest };
  throw new DenizenError(
    "pack_unreadable",
    `Cannot ${verb} the pack as it is a single file without a manifest: ${basename(path)}`,
  );
}

/**
 * The bytes of a bundle with the files that the manifest names. The same pack gives the same bytes.
 *
 * @throws {DenizenError} `pack_unreadable`, `pack_incompatible` or `pack_untrusted`.
 */
export async function bundlePack(path: string): Promise<{ manifest: PackManifest; bytes: Bytes }> {
  const files = await openWithManifest(path, "bundle");
  return { manifest: files.manifest, bytes: writeZip(await files.entries()) };
}

/**
 * The bytes of the bundle at `path`, signed; an earlier signature is replaced.
 *
 * @param keys an Ed25519 pair; the public one must be extractable.
 * @throws {DenizenError} `pack_unreadable`, `pack_incompatible` or `pack_untrusted`.
 */
export async function signBundle(path: string, keys: CryptoKeyPair): Promise<Bytes> {
  const files = await openWithManifest(path, "sign");
  const unhashed = [...files.targets.values()].find((target) => target.sha256 === undefined);
  if (unhashed) {
    throw new DenizenError(
      "pack_untrusted",
      `Cannot sign the pack as its manifest has no hash of a file, which a signature would not cover: ${unhashed.file}`,
    );
  }
  const [manifest, ...others] = await files.entries() as [PackEntry, ...PackEntry[]];
  const signature = new TextEncoder().encode(signManifest(manifest[1], keys));
  const rest = others.filter(([name]) => name !== SIGNATURE_FILE);
  return writeZip([manifest, [SIGNATURE_FILE, signature], ...rest]);
}

/**
 * The bytes of the bundle at `path` with fewer or smaller files. The manifest is rewritten with their
 * hashes.
 *
 * @throws {DenizenError} `pack_incompatible` if a target to keep is not there.
 */
export async function stripBundle(path: string, { keep, shrink }: StripOptions): Promise<StrippedBundle> {
  const files = await openWithManifest(path, "strip");
  const missing = keep.find((target) => !files.targets.has(target));
  if (missing !== undefined || keep.length === 0) {
    throw new DenizenError(
      "pack_incompatible",
      `Cannot strip the pack as it has no file for ${missing ?? "any target that is kept"}: it has ${
        [...files.targets.keys()].join(", ")
      }`,
    );
  }
  const contents = new Map(await files.entries());
  const removed: StrippedBundle["removed"][number][] = [], shrunk: StrippedBundle["shrunk"][number][] = [];
  const kept = new Map<string, Bytes>();
  const needed = new Set(keep.map((target) => files.targets.get(target)!.file));
  for (const [target, { file }] of files.targets) {
    const before = contents.get(file)!;
    if (!keep.includes(target)) {
      if (!needed.has(file)) contents.delete(file);
      removed.push({ target, file, bytes: before.length });
      continue;
    }
    const after = await shrink?.(target, before) ?? before;
    if (after.length < before.length) {
      contents.set(file, after);
      shrunk.push({ target, before: before.length, after: after.length });
    }
    kept.set(target, contents.get(file)!);
  }
  const changed = removed.length + shrunk.length > 0;
  if (changed) {
    contents.set(MANIFEST_FILE, await rewriteManifest(contents.get(MANIFEST_FILE)!, kept));
    contents.delete(SIGNATURE_FILE);
  }
  return {
    bytes: writeZip(contents),
    removed,
    shrunk,
    signatureDropped: changed && files.signedBy !== undefined,
  };
}
