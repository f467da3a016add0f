/** A MiB of bytes, the same each time; `seed` gives others. */
export function mebibyte(seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 ** 20);
  let state = seed;
  for (let at = 0; at < bytes.length; at++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
