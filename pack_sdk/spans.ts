/** Attachments of a native tick that the pack reads where they are (`ABI.md`, section 6). */
import type { SpanSink } from "./frame_writer.ts";

/** Below this, copying costs less than looking up an address. */
const SPAN_BYTES_MIN = 32 * 1024;
const SPANS_MAX = 64;

/**
 * The table of spans of one tick. Only for ticks during which no JavaScript runs: nobody can then take the memory away.
 */
export class Spans implements SpanSink {
  count = 0;
  readonly #table = new BigUint64Array(2 * SPANS_MAX);
  /** Of the table, which stays where it is. */
  readonly pointer = Deno.UnsafePointer.of(this.#table);

  take(bytes: Uint8Array): number {
    if (bytes.length < SPAN_BYTES_MIN || this.count === SPANS_MAX) return 0;
    /* Memory that threads share could change under the pack; an odd place could not be read as numbers. */
    if (!(bytes.buffer instanceof ArrayBuffer) || bytes.byteOffset % 8 !== 0) return 0;
    const pointer = Deno.UnsafePointer.of(bytes as Uint8Array<ArrayBuffer>);
    this.#table[2 * this.count] = Deno.UnsafePointer.value(pointer);
    this.#table[2 * this.count + 1] = BigInt(bytes.length);
    return ++this.count;
  }
}
