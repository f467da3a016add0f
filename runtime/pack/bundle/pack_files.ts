/** The files of one pack: in a bundle, in a folder, or a single library or module. */
import { MANIFEST_FILE, type PackManifest, type PackTarget, sha256, WASM_TARGET } from "@denizen/pack-sdk";
import { basename, join, sep } from "node:path";
import { DenizenError } from "../../errors.ts";
import { PACK_FILE_BYTES_MAX, PACK_MANIFEST_BYTES_MAX } from "../../limits.ts";
import { isWasm, libraryHeader } from "./library_header.ts";
import { readManifest } from "./manifest.ts";
import { checkSignature, SIGNATURE_FILE } from "./signature.ts";
import { isZip, ZipReader } from "./zip_reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Reads one file of the pack; `undefined` if there is none. A larger file than `bytesMax` is refused without
 * reading it.
 */
type Read = (name: string, bytesMax?: number) => Promise<Bytes | undefined>;

export interface PackFile {
  readonly bytes: Bytes;
  /** In hex. */
  readonly sha256: string;
}

export interface PackFiles {
  readonly path: string;
  readonly kind: "bundle" | "folder" | "library" | "module";
  /** `undefined` for a single library or module. */
  readonly manifest: PackManifest | undefined;
  /** The public key of its signature, in base64. */
  readonly signedBy: string | undefined;
  readonly targets: ReadonlyMap<string, PackTarget>;
  /**
   * The file for a target triple, checked against the manifest.
   *
   * @throws {DenizenError} `pack_untrusted` if its hash differs.
   */
  read(triple: string): Promise<PackFile>;
  /**
   * All its files by name, the manifest first; of a folder, only those that the manifest names.
   *
   * @throws {DenizenError} `pack_untrusted` if the hash of a file differs.
   */
  entries(): Promise<readonly PackEntry[]>;
}

export type PackEntry = readonly [name: string, bytes: Bytes];

/**
 * Opens the pack at `path`, and checks its manifest and its signature.
 *
 * @throws {DenizenError} `pack_unreadable`, `pack_incompatible` or `pack_untrusted`.
 */
export async function openPackFiles(path: string): Promise<PackFiles> {
  const stat = await attempt(path, () => Deno.stat(path));
  if (stat.isDirectory) return await openFolder(path);
  const bytes = await readBounded(path);
  if (isZip(bytes)) {
    const zip = new ZipReader(bytes);
    // deno-lint-ignore require-await -- what it throws is a rejection
    const read: Read = async (name, bytesMax) => zip.has(name) ? zip.read(name, bytesMax) : undefined;
    return await described(path, "bundle", read, zip.names);
  }
  if (isWasm(bytes)) return single(path, "module", WASM_TARGET, bytes);
  if (libraryHeader(bytes)) return single(path, "library", Deno.build.target, bytes);
  throw unreadable(path, "it is not a bundle, a WebAssembly module or a library");
}

function unreadable(path: string, reason: string, cause?: unknown): DenizenError {
  return new DenizenError("pack_unreadable", `Cannot read the pack at ${path} as ${reason}`, { cause });
}

async function attempt<T>(path: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (cause) {
    if (cause instanceof DenizenError) throw cause;
    if (cause instanceof Deno.errors.NotFound) throw unreadable(path, "it does not exist", cause);
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function readBounded(path: string, bytesMax = PACK_FILE_BYTES_MAX): Promise<Bytes> {
  return attempt(path, async () => {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) throw unreadable(path, "it is not a file");
    if (size > bytesMax) throw unreadable(path, `it has more than ${bytesMax} bytes: ${size}`);
    return await Deno.readFile(path);
  });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** A folder with a manifest, or with a `target` folder that has one. */
async function openFolder(path: string): Promise<PackFiles> {
  for (const folder of [path, join(path, "target")]) {
    if (!await isFile(join(folder, MANIFEST_FILE))) continue;
    const root = await attempt(folder, () => Deno.realPath(folder));
    const read: Read = async (name, bytesMax) => {
      const file = join(folder, name);
      if (!await isFile(file)) return undefined;
      const real = await attempt(file, () => Deno.realPath(file));
      if (!real.startsWith(root + sep)) {
        throw unreadable(path, `one of its files is a link that leads out: ${name}`);
      }
      return await readBounded(real, bytesMax);
    };
    return await described(path, "folder", read);
  }
  throw unreadable(path, `neither it nor its target has a ${MANIFEST_FILE}: build it first`);
}

/** @param others files that may exist in addition to those of the manifest. */
async function described(
  path: string,
  kind: "bundle" | "folder",
  read: Read,
  others: readonly string[] = [],
): Promise<PackFiles> {
  const bytes = await read(MANIFEST_FILE, PACK_MANIFEST_BYTES_MAX);
  if (!bytes) throw unreadable(path, `it has no ${MANIFEST_FILE}`);
  const manifest = readManifest(bytes);
  const signature = await read(SIGNATURE_FILE, PACK_MANIFEST_BYTES_MAX);
  const signedBy = signature && checkSignature(bytes, signature);
  const unhashed = [...manifest.targets.values()].find((target) => target.sha256 === undefined);
  if (signedBy && unhashed) {
    throw new DenizenError(
      "pack_untrusted",
      `Cannot trust the pack as its signature does not cover a file without a hash: ${unhashed.file}`,
    );
  }
  return {
    path,
    kind,
    manifest,
    signedBy,
    targets: manifest.targets,
    read: (triple) => readTarget(path, manifest.targets, triple, read),
    entries: async () => {
      for (const triple of manifest.targets.keys()) await readTarget(path, manifest.targets, triple, read);
      const files = [...manifest.targets.values()].map(({ file }) => file);
      const found: PackEntry[] = [];
      for (const name of new Set([MANIFEST_FILE, SIGNATURE_FILE, ...files, ...others])) {
        const bytes = await read(name);
        if (bytes) found.push([name, bytes]);
      }
      return found;
    },
  };
}

function single(path: string, kind: "library" | "module", triple: string, bytes: Bytes): PackFiles {
  const targets = new Map([[triple, { file: basename(path), sha256: undefined }]]);
  const read: Read = () => Promise.resolve(bytes);
  return {
    path,
    kind,
    manifest: undefined,
    signedBy: undefined,
    targets,
    read: (wanted) => readTarget(path, targets, wanted, read),
    entries: () => Promise.resolve([[basename(path), bytes]]),
  };
}

async function readTarget(
  path: string,
  targets: ReadonlyMap<string, PackTarget>,
  triple: string,
  read: Read,
): Promise<PackFile> {
  const target = targets.get(triple);
  if (!target) {
    throw new DenizenError(
      "pack_incompatible",
      `Cannot load the pack at ${path} as it has no build for ${triple}: it has ${
        [...targets.keys()].join(", ")
      }`,
    );
  }
  const bytes = await read(target.file);
  if (!bytes) throw unreadable(path, `it lacks a file of its manifest: ${target.file}`);
  const hash = await sha256(bytes);
  if (target.sha256 !== undefined && target.sha256 !== hash) {
    throw new DenizenError(
      "pack_untrusted",
      `Cannot trust the pack at ${path} as ${target.file} differs from its manifest: sha256 ${hash}`,
    );
  }
  return { bytes, sha256: hash };
}
