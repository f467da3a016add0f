import { SYMBOL, type WasmExports } from "./abi.ts";
import { FrameMemory } from "./frame_memory.ts";
import { PackFault } from "./pack_fault.ts";

/** Frames up to this size are passed without allocating. */
const FRAME_BYTES = 64 * 1024;
/** A frame above this size is freed after the tick that needed it. */
const FRAME_KEPT_BYTES = 16 * 1024 * 1024;

/** A frame inside the module's memory. */
export class LinearFrame {
  /** 0 after the module failed to allocate memory. */
  pointer = 0;
  size = 0;
  readonly #linear: WebAssembly.Memory;
  readonly #view: FrameMemory;

  constructor(readonly exports: WasmExports) {
    this.#linear = exports.memory;
    this.#view = new FrameMemory(new Uint8Array());
    this.grow(FRAME_BYTES);
  }

  /** A view that is not detached: a detached one has length 0. */
  get memory(): FrameMemory {
    if (this.#view.bytes.length !== this.size) {
      this.#view.bytes = new Uint8Array(this.#linear.buffer, this.pointer, this.size);
    }
    return this.#view;
  }

  /** Frees the memory and allocates more, both through the module, whose memory may move. */
  readonly grow = (size: number): void => {
    if (this.pointer !== 0) this.exports[SYMBOL.free](this.pointer, this.size);
    this.pointer = this.size = 0;
    const pointer = this.exports[SYMBOL.alloc](size) >>> 0, { buffer } = this.#linear;
    if (pointer === 0 || pointer % 8 !== 0 || pointer + size > buffer.byteLength) {
      throw new PackFault("tick", `Cannot tick as the pack has no memory for a frame: ${size} bytes`, -6);
    }
    this.pointer = pointer;
    this.size = size;
    this.#view.bytes = new Uint8Array(buffer, pointer, size);
  };

  /** Always leaves a frame of the usual size. */
  trim(): void {
    if (this.size > FRAME_KEPT_BYTES || this.size === 0) this.grow(FRAME_BYTES);
  }
}
