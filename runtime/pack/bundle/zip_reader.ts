/**
 * Reads an untrusted zip archive from memory: names stay inside the root, sizes are bounded before anything
 * is unpacked, checksums are compared. Methods: stored, deflate and zstd, which is what pack bundles use.
 */
import { crc32, inflateRawSync, zstdDecompressSync } from "node:zlib";
import { isSafeName } from "@denizen/pack-sdk";
import { DenizenError, messageOf } from "../../errors.ts";
import { PACK_BUNDLE_ENTRIES_MAX, PACK_FILE_BYTES_MAX, PACK_UNPACKED_BYTES_MAX } from "../../limits.ts";

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_SIZE = 22;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
const METHODS = { stored: 0, deflate: 8, zstd: 93 } as const;

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packedSize: number;
  readonly size: number;
  /** Of its local header, from the start of the archive. */
  readonly offset: number;
}

function refuse(reason: string, cause?: unknown): DenizenError {
  return new DenizenError("pack_unreadable", `Cannot read the bundle as ${reason}`, { cause });
}

/** Whether bytes begin like a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

export class ZipReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #entries = new Map<string, ZipEntry>();

  /** @throws {DenizenError} `pack_unreadable` unless the archive is plain and consistent. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      this.#readDirectory();
    } catch (cause) {
      if (cause instanceof RangeError) throw refuse("it is cut off", cause);
      throw cause;
    }
  }

  /** The names of its files, in the order of the archive. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * Unpacks one file.
   *
   * @throws {DenizenError} `pack_unreadable` if it is missing, does not match its checksum, is larger than
   * it declares, or declares more than `bytesMax`.
   */
  read(name: string, bytesMax = PACK_FILE_BYTES_MAX): Uint8Array<ArrayBuffer> {
    const entry = this.#entries.get(name);
    if (!entry) throw refuse(`it has no ${name}`);
    if (entry.size > bytesMax) throw refuse(`${name} has more than ${bytesMax} bytes: ${entry.size}`);
    const packed = this.#packed(entry);
    const bytes = unpack(entry, packed);
    if (bytes.length !== entry.size) {
      throw refuse(`${name} has ${bytes.length} bytes instead of its declared ${entry.size}`);
    }
    if (crc32(bytes) !== entry.checksum) throw refuse(`the checksum of ${name} is wrong`);
    return bytes;
  }

  #readDirectory(): void {
    const end = this.#findEnd();
    const count = this.#view.getUint16(end + 10, true);
    const offset = this.#view.getUint32(end + 16, true);
    if (count === 0xffff || offset === 0xffffffff) throw refuse("it is a zip64 archive");
    if (count > PACK_BUNDLE_ENTRIES_MAX) {
      throw refuse(
        `it has ${count} files, more than ${PACK_BUNDLE_ENTRIES_MAX} (PACK_BUNDLE_ENTRIES_MAX)`,
      );
    }
    let total = 0;
    let at = offset;
    for (let index = 0; index < count; index++) {
      const { entry, next } = this.#readEntry(at);
      at = next;
      if (entry.name.endsWith("/")) continue;
      if (this.#entries.has(entry.name)) throw refuse(`it has two files of one name: ${entry.name}`);
      total += entry.size;
      if (total > PACK_UNPACKED_BYTES_MAX) {
        throw refuse(
          `it unpacks to more than ${PACK_UNPACKED_BYTES_MAX} bytes (PACK_UNPACKED_BYTES_MAX)`,
        );
      }
      this.#entries.set(entry.name, entry);
    }
  }

  /** The end record is last, before a comment of up to 64 KiB. */
  #findEnd(): number {
    const last = this.#bytes.length - END_SIZE;
    for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
      if (this.#view.getUint32(at, true) === END_SIGNATURE) return at;
    }
    throw refuse("it has no directory: it is cut off, or not a zip archive");
  }

  #readEntry(at: number): { entry: ZipEntry; next: number } {
    const view = this.#view;
    if (view.getUint32(at, true) !== ENTRY_SIGNATURE) throw refuse("its directory is damaged");
    const nameLength = view.getUint16(at + 28, true);
    const next = at + ENTRY_SIZE + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const name = new TextDecoder().decode(
      this.#bytes.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + nameLength),
    );
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw refuse(`${name} is encrypted`);
    const entry = {
      name,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      packedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if (!isSafeName(name.replace(/\/$/, ""))) {
      throw refuse(`the name of a file leads out of it: ${JSON.stringify(name)}`);
    }
    return { entry, next };
  }

  #packed(entry: ZipEntry): Uint8Array {
    const { offset, name, packedSize } = entry;
    try {
      if (this.#view.getUint32(offset, true) !== LOCAL_SIGNATURE) {
        throw refuse(`${name} is not where it should be`);
      }
      const start = offset + LOCAL_SIZE + this.#view.getUint16(offset + 26, true) +
        this.#view.getUint16(offset + 28, true);
      if (start + packedSize > this.#bytes.length) throw refuse(`${name} is cut off`);
      return this.#bytes.subarray(start, start + packedSize);
    } catch (cause) {
      if (cause instanceof RangeError) throw refuse(`${name} is cut off`, cause);
      throw cause;
    }
  }
}

function unpack({ name, method, size }: ZipEntry, packed: Uint8Array): Uint8Array<ArrayBuffer> {
  // One byte more than declared proves that it lies, without unpacking the rest.
  const bound = { maxOutputLength: size + 1 };
  try {
    if (method === METHODS.stored) return packed.slice();
    if (method === METHODS.deflate) return new Uint8Array(inflateRawSync(packed, bound));
    if (method === METHODS.zstd) return new Uint8Array(zstdDecompressSync(packed, bound));
  } catch (cause) {
    throw refuse(`${name} does not unpack to its declared ${size} bytes: ${messageOf(cause)}`, cause);
  }
  throw refuse(`${name} is packed with an unknown method: ${method}`);
}
