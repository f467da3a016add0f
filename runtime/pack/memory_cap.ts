/**
 * Bounds the memory of a WebAssembly module before it is compiled: the module's own declaration gets a maximum, so that the engine
 * refuses to grow it further and the pack finds no memory, wherever it runs.
 */
import { DenizenError } from "../errors.ts";

const PAGE_SIZE = 64 * 1024;
const HEADER_SIZE = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;
const SHARED = 2;
const IS_64 = 4;

type Bytes = Uint8Array<ArrayBuffer>;

/** Reads the unsigned numbers of the format: seven bits a byte, the lowest first. */
class Cursor {
  constructor(readonly bytes: Bytes, public at: number) {}

  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new DenizenError(
      "pack_unreadable",
      `Cannot read the WebAssembly module as it is cut off: byte ${this.at}`,
    );
  }
}

function encode(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 | 0x80);
  return [...bytes, value];
}

/**
 * The module with at most `bytesMax` of memory. One that has no memory of its own is returned as it is.
 *
 * @throws {DenizenError} `pack_incompatible` if it starts with more; `pack_unreadable` if it is cut off.
 */
export function capMemory(module: Bytes, bytesMax: number): Bytes {
  const pagesMax = Math.floor(bytesMax / PAGE_SIZE);
  const cursor = new Cursor(module, HEADER_SIZE);
  while (cursor.at < module.length) {
    const start = cursor.at;
    const id = module[cursor.at++];
    const size = cursor.number();
    const end = cursor.at + size;
    if (id === MEMORY_SECTION) {
      const section = cappedSection(cursor, pagesMax, bytesMax);
      return section ? joined(module.subarray(0, start), section, module.subarray(end)) : module;
    }
    cursor.at = end;
  }
  return module;
}

/** `undefined` if there is nothing to change: no memory, or one of a kind that is refused later. */
function cappedSection(cursor: Cursor, pagesMax: number, bytesMax: number): number[] | undefined {
  if (cursor.number() !== 1) return undefined;
  const flags = cursor.number();
  if (flags & IS_64) {
    throw new DenizenError("pack_incompatible", "Cannot load the pack as its memory is 64-bit");
  }
  const initial = cursor.number();
  if (initial > pagesMax) {
    throw new DenizenError(
      "pack_incompatible",
      `Cannot load the pack as it starts with more memory than memoryBytesMax: ${
        initial * PAGE_SIZE
      } of ${bytesMax} bytes`,
    );
  }
  const maximum = flags & HAS_MAXIMUM ? Math.min(cursor.number(), pagesMax) : pagesMax;
  const content = [1, HAS_MAXIMUM | flags & SHARED, ...encode(initial), ...encode(maximum)];
  return [MEMORY_SECTION, ...encode(content.length), ...content];
}

function joined(before: Bytes, section: number[], after: Bytes): Bytes {
  const bytes = new Uint8Array(before.length + section.length + after.length);
  bytes.set(before);
  bytes.set(section, before.length);
  bytes.set(after, before.length + section.length);
  return bytes;
}
