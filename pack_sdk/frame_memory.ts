import { Buffer } from "node:buffer";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Memory that frames are written to and read from: JavaScript's own, or a part of a wasm module's. It grows on demand; whoever wrote
 * before that writes again.
 */
export class FrameMemory {
  #bytes!: Uint8Array;
  #text!: Uint8Array;
  #buffer!: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Must start at a multiple of 8 of its buffer: views over attachments need it. */
  set bytes(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#text = bytes.subarray(4);
    this.#buffer = Buffer.from(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }

  /** Writes the JSON and its length; -1 if there is no room. */
  writeJson(json: string): number {
    const { read, written } = encoder.encodeInto(json, this.#text);
    if (read < json.length) return -1;
    const bytes = this.#bytes;
    bytes[0] = written;
    bytes[1] = written >> 8;
    bytes[2] = written >> 16;
    bytes[3] = written >> 24;
    return written;
  }

  readText(from: number, to: number): string {
    const text = this.#buffer.toString("utf8", from, to);
    return text.includes("\ufffd") ? strictDecoder.decode(this.#bytes.subarray(from, to)) : text;
  }
}
