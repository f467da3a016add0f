import { Buffer } from "node:buffer";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const LENGTH_BYTES = 4;

/**
 * Memory for frames: JavaScript's own, or a part of a wasm module's. It grows on demand, which discards what
 * was written.
 */
export class FrameMemory {
  #bytes!: Uint8Array;
  /** The offset of the text: after the length and the last prefix. */
  #text!: Uint8Array;
  #textStart = LENGTH_BYTES;
  #buffer!: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Must start at a multiple of 8 of its buffer, as views over attachments require. */
  set bytes(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#text = bytes.subarray(this.#textStart);
    this.#buffer = Buffer.from(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }

  /**
   * Writes JSON and its length; -1 if there is no room. `before`, which is ASCII, and `after` enclose it.
   * They are not concatenated first, which for a small frame would cost as much as writing it.
   */
  writeJson(json: string, before = "", after = ""): number {
    const bytes = this.#bytes, start = LENGTH_BYTES + before.length;
    if (start !== this.#textStart) {
      this.#textStart = start;
      this.#text = bytes.subarray(start);
    }
    for (let at = 0; at < before.length; at++) bytes[LENGTH_BYTES + at] = before.charCodeAt(at);
    const text = after.length > 1 ? json + after : json;
    const { read, written } = encoder.encodeInto(text, this.#text);
    if (read < text.length) return -1;
    let end = start + written;
    if (after.length === 1) {
      if (end >= bytes.length) return -1;
      bytes[end++] = after.charCodeAt(0);
    }
    const length = end - LENGTH_BYTES;
    bytes[0] = length;
    bytes[1] = length >> 8;
    bytes[2] = length >> 16;
    bytes[3] = length >> 24;
    return length;
  }

  readText(from: number, to: number): string {
    const text = this.#buffer.toString("utf8", from, to);
    return text.includes("\ufffd") ? strictDecoder.decode(this.#bytes.subarray(from, to)) : text;
  }
}
