/** The inputs that the kit gives to unknown templates. */
import { FrameMemory } from "../frame_memory.ts";
import { readFrame } from "../frame_reader.ts";
import { type Ports, writePayload } from "../frame_writer.ts";

/** An input that a template accepts. */
export interface Sample {
  readonly input?: Ports;
  readonly config?: Readonly<Record<string, unknown>>;
  /** The template uses more memory with each tick, and must free it with the instance. */
  readonly grows?: boolean;
}

export function encodeSample({ input = {}, config = {} }: Sample): Uint8Array {
  const memory = new FrameMemory(new Uint8Array(1024));
  const grow = (size: number) => memory.bytes = new Uint8Array(size);
  const length = writePayload(memory, grow, input, JSON.stringify(config));
  return memory.bytes.slice(0, length);
}

/** A frame around any text. */
export function frameOf(
  json: string | Uint8Array,
  attachments = new Uint8Array(),
  jsonLength?: number,
): Uint8Array {
  const text = typeof json === "string" ? new TextEncoder().encode(json) : json;
  const base = attachments.length > 0 ? (4 + text.length + 7) & ~7 : 4 + text.length;
  const frame = new Uint8Array(base + attachments.length);
  new DataView(frame.buffer).setUint32(0, jsonLength ?? text.length, true);
  frame.set(text, 4);
  frame.set(attachments, base);
  return frame;
}

/** The value of a frame that a pack wrote; throws if it is wrong. */
export function decodeFrame(bytes: Uint8Array, length: number): Ports {
  return readFrame(new FrameMemory(bytes.slice()), length, false) as Ports;
}

/** A repeatable stream of random numbers: mulberry32. */
export function chance(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}
