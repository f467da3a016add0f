/** Reads frames that a pack wrote, which are untrusted. */
import { FRAME_BYTES_MAX, FRAME_DEPTH_MAX } from "./abi.ts";
import { align8, type Attachment, ELEMENTS } from "./attachment.ts";
import type { FrameMemory } from "./frame_memory.ts";
import type { Ports } from "./frame_writer.ts";
import { PackFault } from "./pack_fault.ts";

function malformed(reason: string, cause?: unknown): never {
  throw new PackFault("result", `Cannot read a frame as ${reason}`, 0, cause);
}

/** Replaces the references in a parsed value with the attachments that they refer to. */
class References {
  /** Bytes copied so far, which are bounded because many references may name the same bytes. */
  #copied = 0;

  constructor(
    readonly bytes: Uint8Array,
    /** The start and the end of the attachments. */
    readonly base: number,
    readonly end: number,
    readonly lend: boolean,
  ) {}

  resolve(value: unknown, depth = 0): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (depth > FRAME_DEPTH_MAX) malformed(`it is nested deeper than ${FRAME_DEPTH_MAX} levels`);
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) value[i] = this.resolve(value[i], depth + 1);
      return value;
    }
    const keys = Object.keys(value), [first] = keys, object = value as Ports;
    if (keys.length === 1 && first!.charCodeAt(0) === 36 && Object.hasOwn(ELEMENTS, first!)) {
      return this.#attachment(first!, object[first!]);
    }
    for (const key of keys) {
      const before = object[key], after = this.resolve(before, depth + 1);
      if (after !== before) object[key] = after;
    }
    return value;
  }

  #attachment(key: string, pair: unknown): Attachment {
    const [offset, length] = Array.isArray(pair) && pair.length === 2 ? pair as [number, number] : [-1, -1];
    const { size, view } = ELEMENTS[key]!;
    const room = Math.max(0, this.end - this.base);
    const right = Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) && offset >= 0 && length >= 0 &&
      offset % 8 === 0 && offset + length * size <= room;
    if (!right) {
      malformed(`an attachment is not inside it: ${JSON.stringify(pair)}`);
    }
    const from = this.base + offset, bytes = length * size;
    if (this.lend) {
      return view(
        this.bytes.buffer,
        this.bytes.byteOffset + (bytes ? from : 0),
        length,
      );
    }
    this.#copied += bytes;
    if (this.#copied > FRAME_BYTES_MAX) malformed(`its attachments are longer than ${FRAME_BYTES_MAX} bytes`);
    return view(this.bytes.slice(from, from + bytes).buffer, 0, length);
  }
}

/**
 * Reads the frame in the first `length` bytes of `memory`. With `lend`, attachments are views over the
 * memory and valid until it changes; otherwise they are copies.
 */
export function readFrame(
  memory: FrameMemory,
  length: number,
  lend: boolean,
): unknown {
  const { bytes } = memory;
  if (length < 4 || length > bytes.length) {
    malformed(`its length is wrong: ${length}`);
  }
  const jsonLength = (bytes[0]! | bytes[1]! << 8 | bytes[2]! << 16 | bytes[3]! << 24) >>> 0;
  const end = 4 + jsonLength;
  if (end > length) {
    malformed(`its JSON is longer than it: ${jsonLength} of ${length}`);
  }
  let json: string, value: unknown;
  try {
    json = memory.readText(4, end);
    value = JSON.parse(json);
  } catch (cause) {
    malformed("its JSON is wrong", cause);
  }
  /*
   * Without a dollar sign, plain or escaped, there is no attachment. Searching for one character is fastest.
   */
  if (!json.includes("$") && !json.includes("\\")) return value;
  if (!json.includes('"$') && !json.includes("\\u0024")) return value;
  return new References(bytes, align8(end), length, lend).resolve(value);
}

/** The same for a result: an object with the values of the outports. */
export function readResult(
  memory: FrameMemory,
  length: number,
  lend: boolean,
): Ports {
  if (length === 0) return {};
  const value = readFrame(memory, length, lend);
  if (
    typeof value !== "object" || value === null || Array.isArray(value) ||
    ArrayBuffer.isView(value)
  ) {
    malformed("its JSON is not an object");
  }
  return value as Ports;
}
