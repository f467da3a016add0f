/**
 * A text as a vector of fixed length: hashed counts of its words and of adjacent pairs of words. Similar
 * texts have near vectors.
 */

/** FNV-1a over UTF-16 units, finished so that every bit depends on every unit. */
export function hashOf(text: string, seed: u32): u32 {
  let hash: u32 = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = (hash ^ text.charCodeAt(i)) * 0x01000193;
  hash = (hash ^ hash >> 16) * 0x85ebca6b;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35;
  return hash ^ hash >> 16;
}

/** Fills `vector` from words and pairs of words, and scales it to length 1. */
export function fillFeatures(vector: Float32Array, words: string[]): void {
  vector.fill(0);
  for (let i = 0; i < words.length; i++) {
    count(vector, hashOf(words[i], 0));
    if (i > 0) count(vector, hashOf(words[i - 1] + " " + words[i], 1));
  }
  let square: f64 = 0;
  for (let i = 0; i < vector.length; i++) {
    const value: f64 = vector[i];
    /* Repetition counts only logarithmically. */
    const damped = value < 0 ? -Math.sqrt(-value) : Math.sqrt(value);
    vector[i] = <f32> damped;
    square += damped * damped;
  }
  if (square == 0) return;
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < vector.length; i++) vector[i] = <f32> (vector[i] * scale);
}

/** The sign keeps features with the same index from adding up. */
function count(vector: Float32Array, hash: u32): void {
  const place = <i32> ((hash >> 1) % <u32> vector.length);
  vector[place] += hash & 1 ? 1 : -1;
}
