/**
 * The bytes of a redo record: the writes of a commit that is too large for one KV transaction.
 *
 * Per write: `u32 key length · key as JSON · u32 value length + 1, or 0 for a delete · value`, numbers
 * little-endian.
 */

import { DenizenError } from "../../errors.ts";
import type { StorageKey, Write } from "../storage.ts";

export function encodeRedo(writes: readonly Write[]): Uint8Array {
  const encoder = new TextEncoder();
  const keys = writes.map(({ key }) => encoder.encode(JSON.stringify(key)));
  const total = writes.reduce((sum, { value }, i) => sum + 8 + keys[i].length + (value?.length ?? 0), 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const [i, { value }] of writes.entries()) {
    view.setUint32(offset, keys[i].length, true);
    bytes.set(keys[i], offset + 4);
    offset += 4 + keys[i].length;
    view.setUint32(offset, value === null ? 0 : value.length + 1, true);
    if (value !== null) bytes.set(value, offset + 4);
    offset += 4 + (value?.length ?? 0);
  }
  return bytes;
}

/** @throws {DenizenError} `data_corrupt` if the bytes are not what {@link encodeRedo} made. */
export function decodeRedo(bytes: Uint8Array): Write[] {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const writes: Write[] = [];
  let offset = 0;
  const take = (length: number) => bytes.subarray(offset, offset += length);
  const takeLength = () => (offset += 4, view.getUint32(offset - 4, true));
  try {
    while (offset < bytes.length) {
      const key: StorageKey = JSON.parse(decoder.decode(take(takeLength())));
      const length = takeLength();
      writes.push({ key, value: length === 0 ? null : take(length - 1) });
    }
  } catch (cause) {
    throw damaged(bytes, { cause });
  }
  // The last write may claim more bytes than there are.
  if (offset !== bytes.length) throw damaged(bytes);
  return writes;
}

function damaged(bytes: Uint8Array, options?: ErrorOptions): DenizenError {
  const text = `Cannot finish a large commit as its redo record is damaged: ${bytes.length} bytes`;
  return new DenizenError("data_corrupt", text, options);
}
