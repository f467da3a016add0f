/** The order and the identity of storage keys. */

import type { ListOptions, StorageKey } from "./storage.ts";

/** Equal for equal keys and for no others. */
export function keyId(key: StorageKey): string {
  return JSON.stringify(key);
}

/** Part by part, each by its UTF-8 bytes; a key comes before the longer keys that start with it. */
export function compareKeys(a: StorageKey, b: StorageKey): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return compareBytes(a[i], b[i]);
  }
  return a.length - b.length;
}

/** UTF-8 orders by code point, JavaScript by UTF-16 unit: they differ where one side has a surrogate pair. */
function compareBytes(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) {
      return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    }
  }
  return a.length - b.length;
}

/** Surrogates encode code points above every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Whether `key` starts with `prefix` and is longer. */
export function isBelow(key: StorageKey, prefix: StorageKey): boolean {
  return key.length > prefix.length && prefix.every((part, i) => part === key[i]);
}

/**
 * The slice of `sorted` that a list with these options has: its first index, and the one after its last.
 */
export function rangeOf(
  sorted: readonly StorageKey[],
  { prefix, start, end }: ListOptions,
): [number, number] {
  const from = firstIndex(
    sorted,
    (key) => compareKeys(key, prefix) > 0 && (start === undefined || compareKeys(key, start) >= 0),
  );
  const to = firstIndex(
    sorted,
    (key) =>
      compareKeys(key, prefix) > 0 && !isBelow(key, prefix) ||
      end !== undefined && compareKeys(key, end) >= 0,
  );
  return [from, Math.max(from, to)];
}

/** The first index where `holds`, which then holds for all later ones. */
function firstIndex(sorted: readonly StorageKey[], holds: (key: StorageKey) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
