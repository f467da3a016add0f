/** The sections of a WebAssembly module, as far as its bounds need them. */
import { DenizenError } from "../../errors.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export const HEADER_SIZE = 8;

export interface Section {
  readonly id: number;
  /** The offset of its id in the module. */
  readonly start: number;
  /** The offset of its content. */
  readonly content: number;
  /** The offset of the next section. */
  readonly end: number;
}

/** Reads the unsigned numbers of the format: seven bits a byte, the lowest first. */
export class Cursor {
  constructor(readonly bytes: Bytes, public at: number) {}

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte !== undefined) return byte;
    throw new DenizenError(
      "pack_unreadable",
      `Cannot read the WebAssembly module as it is cut off: byte ${this.at}`,
    );
  }

  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new DenizenError(
      "pack_unreadable",
      `Cannot read the WebAssembly module as a number of it is too long: byte ${this.at}`,
    );
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  /** Skips a number of any kind, also a signed one. */
  skipNumbers(count: number): void {
    for (; count > 0; count--) while (this.byte() >= 0x80);
  }
}

/** All sections in file order. The compiler checks that order and their contents. */
export function* sectionsOf(module: Bytes): Generator<Section> {
  const cursor = new Cursor(module, HEADER_SIZE);
  while (cursor.at < module.length) {
    const start = cursor.at, id = cursor.byte(), size = cursor.number(), content = cursor.at;
    cursor.at = content + size;
    yield { id, start, content, end: cursor.at };
  }
}

export function encodeNumber(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 | 0x80);
  return [...bytes, value];
}

/** The bytes of a section. */
export function encodeSection(id: number, content: readonly number[]): number[] {
  return [id, ...encodeNumber(content.length), ...content];
}
