/** Attachments of a native tick that the pack reads in place (`ABI.md`, section 6). */
import type { SpanSink } from "./frame_writer.ts";
import { PackFault } from "./pack_fault.ts";

/** Below this size, copying costs less than looking up an address. */
const SPAN_BYTES_MIN = 32 * 1024;
const SPANS_MAX = 64;

/**
 * The table of spans of one tick. Only for ticks during which no JavaScript runs, so the memory cannot be
 * detached.
 */
export class Spans implements SpanSink {
  count = 0;
  readonly #table = new BigUint64Array(2 * SPANS_MAX);
  /** The address of the table, which never moves. */
  readonly pointer = Deno.UnsafePointer.of(this.#table);

  accepts(bytes: Uint8Array, others: number): boolean {
    if (bytes.length < SPAN_BYTES_MIN || others >= SPANS_MAX) return false;
    /* Shared memory could change under the pack, and an unaligned offset could not be read as numbers. */
    return bytes.buffer instanceof ArrayBuffer && bytes.byteOffset % 8 === 0;
  }

  fill(spans: readonly Uint8Array[]): void {
    this.count = spans.length;
    for (let i = 0; i < spans.length; i++) {
      const bytes = spans[i] as Uint8Array<ArrayBuffer>;
      if (bytes.length === 0) {
        throw new PackFault("payload", "Cannot write a frame as the memory of an attachment was taken away");
      }
      this.#table[2 * i] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
      this.#table[2 * i + 1] = BigInt(bytes.length);
    }
  }
}
