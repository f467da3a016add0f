/** The order and the identity of storage keys. */

import type { StorageKey } from "./storage.ts";

/** Text that is the same for equal keys and for no others. */
export function keyId(key: StorageKey): string {
  return JSON.stringify(key);
}

/** Part by part, each by its UTF-8 bytes; a key comes before the keys it begins. */
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

/** Surrogates stand for code points above every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Says whether `key` starts with `prefix` and is longer. */
export function isBelow(key: StorageKey, prefix: StorageKey): boolean {
  return key.length > prefix.length && prefix.every((part, i) => part === key[i]);
}
