/** Writes zip archives. The same files give the same bytes, on every machine and at any time. */
import { crc32, deflateRawSync, zstdCompressSync } from "node:zlib";

export type ZipMethod = "stored" | "deflate" | "zstd";

const METHOD_NUMBERS: Record<ZipMethod, number> = { stored: 0, deflate: 8, zstd: 93 };
/** The zip version needed to unpack the entry, in tenths: 2.0 for deflate, 6.3 for zstd. */
const VERSION_NEEDED: Record<ZipMethod, number> = { stored: 10, deflate: 20, zstd: 63 };
/** 1980-01-01: the first day a zip archive can name. */
const FIRST_DAY = 0x0021;

interface WrittenEntry {
  readonly header: Uint8Array;
  readonly name: Uint8Array;
  readonly offset: number;
}

function pack(bytes: Uint8Array, method: ZipMethod): Uint8Array {
  if (method === "stored") return bytes;
  return method === "deflate" ? deflateRawSync(bytes) : zstdCompressSync(bytes);
}

/** The 26 bytes that an entry's local header shares with its directory entry. */
function commonHeader(
  name: Uint8Array,
  bytes: Uint8Array,
  packed: Uint8Array,
  method: ZipMethod,
): Uint8Array {
  const header = new Uint8Array(26);
  const view = new DataView(header.buffer);
  view.setUint16(0, VERSION_NEEDED[method], true);
  // Names are UTF-8.
  view.setUint16(2, 1 << 11, true);
  view.setUint16(4, METHOD_NUMBERS[method], true);
  view.setUint16(8, FIRST_DAY, true);
  view.setUint32(10, crc32(bytes), true);
  view.setUint32(14, packed.length, true);
  view.setUint32(18, bytes.length, true);
  view.setUint16(22, name.length, true);
  return header;
}

function fixed(size: number, signature: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  return { bytes, view };
}

function directoryEntry({ header, name, offset }: WrittenEntry): Uint8Array[] {
  const { bytes, view } = fixed(46, 0x02014b50);
  view.setUint16(4, VERSION_NEEDED.zstd, true);
  bytes.set(header, 6);
  view.setUint32(42, offset, true);
  return [bytes, name];
}

/** An archive of files in the order they are given. */
export function writeZip(
  files: Iterable<readonly [name: string, bytes: Uint8Array]>,
  method: ZipMethod = "zstd",
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const written: WrittenEntry[] = [];
  let size = 0;
  const add = (...more: Uint8Array[]) => {
    for (const part of more) size += part.length;
    parts.push(...more);
  };
  for (const [fileName, bytes] of files) {
    const name = new TextEncoder().encode(fileName);
    const packed = pack(bytes, method);
    const header = commonHeader(name, bytes, packed, method);
    written.push({ header, name, offset: size });
    const local = fixed(30, 0x04034b50);
    local.bytes.set(header, 4);
    add(local.bytes, name, packed);
  }
  const start = size;
  for (const entry of written) add(...directoryEntry(entry));
  const end = fixed(22, 0x06054b50);
  end.view.setUint16(8, written.length, true);
  end.view.setUint16(10, written.length, true);
  end.view.setUint32(12, size - start, true);
  end.view.setUint32(16, start, true);
  add(end.bytes);
  const archive = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    archive.set(part, at);
    at += part.length;
  }
  return archive;
}
