/**
 * Writes that become durable together, with the callbacks that wait for them.
 *
 * The size of text in UTF-8 is exact only once it is encoded. Until it is needed, three bytes are counted
 * for each UTF-16 unit, which is never too little.
 */

import type { StorageKey, Write } from "../storage/storage.ts";
import type { DenizenError } from "../errors.ts";

/** Text is stored as UTF-8, `null` deletes. */
export type Value = string | Uint8Array | null;

interface PendingWrite {
  readonly key: StorageKey;
  value: Value;
  /** The bytes of key and value, or more. */
  bytes: number;
}

const encoder = new TextEncoder();

export class Batch {
  /** The last position in it. */
  to = 0;
  /** The bytes of all keys and values, or more until {@link measure} is called. */
  bytes = 0;
  readonly #writes = new Map<string, PendingWrite>();
  readonly #unmeasured = new Set<PendingWrite>();
  readonly ok: (() => void)[] = [];
  readonly lost: ((error: DenizenError) => void)[] = [];
  /** Shared by all who wait with a promise. */
  promised: Promise<void> | undefined;

  constructor(readonly from: number) {}

  /** How many writes it has. */
  get size(): number {
    return this.#writes.size;
  }

  /** Adds a write, or replaces the one with the same `id`. */
  put(id: string, key: StorageKey, value: Value): void {
    const bytes = bytesAtMost(key, value);
    let write = this.#writes.get(id);
    if (write === undefined) {
      write = { key, value, bytes };
      this.#writes.set(id, write);
      this.bytes += bytes;
    } else {
      this.bytes += bytes - write.bytes;
      write.value = value;
      write.bytes = bytes;
    }
    this.#unmeasured.add(write);
  }

  /** Makes `bytes` exact. Each text is encoded at most once: the commit needs it as bytes anyway. */
  measure(): void {
    for (const write of this.#unmeasured) {
      write.value = encoded(write.value);
      const bytes = bytesOf(write.key, write.value);
      this.bytes += bytes - write.bytes;
      write.bytes = bytes;
    }
    this.#unmeasured.clear();
  }

  /** The writes with text as UTF-8. */
  encode(): Write[] {
    const writes: Write[] = [];
    for (const write of this.#writes.values()) {
      write.value = encoded(write.value);
      writes.push(write as Write);
    }
    return writes;
  }
}

export function encoded(value: Value): Uint8Array | null {
  return typeof value === "string" ? encoder.encode(value) : value;
}

/** The bytes of a write, or more if it has text. */
export function bytesAtMost(key: StorageKey, value: Value): number {
  let bytes = value === null ? 0 : typeof value === "string" ? 3 * value.length : value.length;
  for (const part of key) bytes += 3 * part.length;
  return bytes;
}

export function bytesOf(key: StorageKey, value: Uint8Array | null): number {
  let bytes = value?.length ?? 0;
  for (const part of key) bytes += encoder.encode(part).length;
  return bytes;
}
