/**
 * Writes frames: JSON followed by attachments. Bytes and typed arrays are copied once, into the frame;
 * everything else is JSON. Values that JSON would silently drop are refused: numbers that are not finite,
 * bigints, maps and sets.
 */
import { FRAME_BYTES_MAX, FRAME_DEPTH_MAX } from "./abi.ts";
import { align8, ELEMENTS, KEY_OF_TAG } from "./attachment.ts";
import type { FrameMemory } from "./frame_memory.ts";
import { PackFault } from "./pack_fault.ts";

/** Values by the name of their port. */
export type Ports = Record<string, unknown>;

function refuse(reason: string): never {
  throw new PackFault("payload", `Cannot write a frame as ${reason}`);
}

/** Whether a value holds attachments; throws if a frame cannot carry it. */
function scan(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "number":
      if (!Number.isFinite(value)) refuse(`a number is not finite: ${value}`);
      return false;
    case "bigint":
      return refuse(
        `JSON has no bigint; a BigInt64Array can carry it: ${value}`,
      );
    case "object":
      if (value === null) return false;
      break;
    default:
      return false;
  }
  if (depth > FRAME_DEPTH_MAX) {
    refuse(`the value is nested deeper than ${FRAME_DEPTH_MAX} levels`);
  }
  let found = false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (scan(value[i], depth + 1)) found = true;
    }
    return found;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    if (ArrayBuffer.isView(value)) return true;
    if (value instanceof ArrayBuffer) return true;
    if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
      return false;
    }
    if (value instanceof Map || value instanceof Set) {
      refuse(`JSON has no ${value.constructor.name}`);
    }
  }
  let keys = 0;
  for (const key in value) {
    keys++;
    if (scan((value as Ports)[key], depth + 1)) found = true;
  }
  if (keys === 1) {
    const [key] = Object.keys(value);
    if (
      key !== undefined && key.charCodeAt(0) === 36 &&
      Object.hasOwn(ELEMENTS, key)
    ) {
      refuse(
        `an object with the only key "${key}" would be taken for an attachment`,
      );
    }
  }
  return found;
}

/** Takes attachments that need not be copied into the frame. */
export interface SpanSink {
  /** Whether these bytes may be passed by reference, in addition to `others`. */
  accepts(bytes: Uint8Array, others: number): boolean;
  /** Called once for each frame, after the last code of the caller that could detach their memory. */
  fill(spans: readonly Uint8Array[]): void;
}

const NO_SPANS: readonly Uint8Array[] = [];

/** The part of an offset above the bytes. */
const SPAN = 2 ** 32;

/** The attachments of a frame that is being written. */
class Attachments {
  readonly views: { offset: number; bytes: Uint8Array }[] = [];
  readonly spanned: Uint8Array[] = [];
  size = 0;

  constructor(readonly spans: SpanSink | undefined) {}

  /** A copy of the value in which attachments are references. */
  take(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (ArrayBuffer.isView(value)) return this.#add(value);
    if (value instanceof ArrayBuffer) return this.#add(new Uint8Array(value));
    if (Array.isArray(value)) return value.map((item) => this.take(item));
    if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
      return value;
    }
    /* An object with a prototype: V8 serialises others several times slower. */
    const copy: Ports = {};
    for (const key in value) {
      const taken = this.take((value as Ports)[key]);
      if (key === "__proto__") Object.defineProperty(copy, key, { value: taken, enumerable: true });
      else copy[key] = taken;
    }
    return copy;
  }

  #add(view: ArrayBufferView): Ports {
    const tag = (view as unknown as Record<symbol, unknown>)[
      Symbol.toStringTag
    ] as string;
    const key = view instanceof DataView ? "$bytes" : KEY_OF_TAG[tag];
    if (key === undefined) refuse(`there is no attachment for a ${tag}`);
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const length = view.byteLength / ELEMENTS[key]!.size;
    if (this.spans?.accepts(bytes, this.spanned.length)) {
      return { [key]: [this.spanned.push(bytes) * SPAN, length] };
    }
    const offset = align8(this.size);
    this.views.push({ offset, bytes });
    this.size = offset + view.byteLength;
    return { [key]: [offset, length] };
  }
}

/**
 * Writes `{"input":…,"config":…}` as a frame to the start of `memory` and returns its length. `config` is
 * JSON text. `grow` makes `memory` hold at least that many bytes. What `spans` takes is not copied.
 */
export function writePayload(
  memory: FrameMemory,
  grow: (size: number) => void,
  input: Ports,
  config: string,
  spans?: SpanSink,
): number {
  return writeFrame(memory, grow, input, '{"input":', config === "{}" ? "}" : `,"config":${config}}`, spans);
}

/** Writes any value as a frame, between two pieces of JSON text. */
export function writeFrame(
  memory: FrameMemory,
  grow: (size: number) => void,
  value: unknown,
  before = "",
  after = "",
  spans?: SpanSink,
): number {
  let attachments: Attachments | undefined;
  if (scan(value, 0)) {
    attachments = new Attachments(spans);
    value = attachments.take(value);
  }
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) refuse(`there is no JSON for a ${typeof value}`);
  let length = memory.writeJson(json, before, after);
  const rest = attachments && attachments.views.length > 0 ? attachments.size + 8 : 0;
  if (length < 0 || 4 + length + rest > memory.bytes.length) {
    const size = 4 + (length < 0 ? (before.length + json.length + after.length) * 3 : length) + rest;
    if (size > 4 * FRAME_BYTES_MAX) {
      refuse(`it is longer than ${FRAME_BYTES_MAX} bytes`);
    }
    grow(size);
    length = memory.writeJson(json, before, after);
  }
  // All user code has run: getters and `toJSON` methods.
  spans?.fill(attachments?.spanned ?? NO_SPANS);
  if (!attachments || attachments.views.length === 0) return checkedLength(4 + length);
  const end = 4 + length, base = align8(end), { bytes } = memory;
  bytes.fill(0, end, base);
  for (const { offset, bytes: from } of attachments.views) {
    bytes.set(from, base + offset);
  }
  return checkedLength(base + attachments.size);
}

function checkedLength(length: number): number {
  if (length > FRAME_BYTES_MAX) {
    refuse(`it is longer than ${FRAME_BYTES_MAX} bytes: ${length}`);
  }
  return length;
}
