/**
 * Vectors for a search, the same each time: every float is drawn from a uniform distribution, so an index
 * finds no structure to exploit.
 */
export const DIMENSIONS = 256;
export const NEAREST = 10;
/** How many different queries are used in turn. */
export const QUERIES = 20;

export function vectors(count: number, seed: number): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(count * DIMENSIONS);
  let state = seed;
  for (let at = 0; at < floats.length; at++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    floats[at] = state / 2 ** 31;
  }
  return floats;
}

export function queryOf(queries: Float32Array<ArrayBuffer>, turn: number): Float32Array<ArrayBuffer> {
  const at = turn % QUERIES * DIMENSIONS;
  return queries.subarray(at, at + DIMENSIONS);
}
