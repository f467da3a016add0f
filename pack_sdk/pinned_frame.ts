import { FrameMemory } from "./frame_memory.ts";

/** What fits in here is passed without allocating. */
export const FRAME_BYTES = 64 * 1024;
/** Memory above this size is released after the tick that needed it. */
const FRAME_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Memory and its address for the pack. Both are kept together, so that the memory is not collected while the
 * address is in use.
 */
export class PinnedFrame {
  readonly memory: FrameMemory;
  pointer: Deno.PointerValue;

  constructor(size: number) {
    this.memory = new FrameMemory(new Uint8Array(size));
    this.pointer = Deno.UnsafePointer.of(
      this.memory.bytes as Uint8Array<ArrayBuffer>,
    );
  }

  get size(): number {
    return this.memory.bytes.length;
  }

  readonly grow = (size: number): void => {
    const bytes = new Uint8Array(size);
    this.memory.bytes = bytes;
    this.pointer = Deno.UnsafePointer.of(bytes);
  };

  trim(): void {
    if (this.size > FRAME_KEPT_BYTES) this.grow(FRAME_BYTES);
  }
}
