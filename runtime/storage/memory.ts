/** A store that lives as long as its object: for tests, and for nodes without a data folder. */

import { Changes } from "./changes.ts";
import { compareKeys, keyId, rangeOf } from "./key_order.ts";
import {
  assertChecksFit,
  assertKeyFits,
  assertLimitFits,
  type Check,
  type CommitOutcome,
  type Entry,
  type ListOptions,
  type Storage,
  type StorageKey,
  type Write,
} from "./storage.ts";

class MemoryStorage implements Storage {
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<string, Set<Changes<Entry | undefined>>>();
  /** Every key in order; dropped when a key is added or removed. */
  #sorted: StorageKey[] | undefined;
  #commits = 0;

  readonly shared = false;

  constructor(readonly name: string) {}

  get(key: StorageKey): Promise<Entry | undefined> {
    return Promise.resolve(this.#read(keyId(key)));
  }

  async *list(options: ListOptions): AsyncIterable<Entry> {
    assertLimitFits(this.name, options);
    const { limit = Infinity, reverse = false } = options;
    const sorted = this.#sorted ??= [...this.#entries.values()].map((entry) => entry.key).sort(compareKeys);
    const [from, to] = rangeOf(sorted, options);
    let left = limit;
    for (let i = 0; i < to - from && left > 0; i++) {
      const entry = this.#read(keyId(sorted[reverse ? to - 1 - i : from + i]));
      if (entry === undefined) continue;
      yield entry;
      left--;
    }
  }

  // deno-lint-ignore require-await -- async, so that what it throws is a rejection
  async commit(writes: readonly Write[], checks: readonly Check[] = []): Promise<CommitOutcome> {
    assertChecksFit(this.name, checks);
    for (const { key } of writes) assertKeyFits(key);
    for (const { key, version } of checks) {
      if ((this.#entries.get(keyId(key))?.version ?? null) !== version) return { ok: false, conflict: key };
    }
    const version = String(++this.#commits);
    const changed = new Set<string>();
    for (const { key, value } of writes) {
      const id = keyId(key);
      changed.add(id);
      if (value === null ? this.#entries.delete(id) : !this.#entries.has(id)) this.#sorted = undefined;
      if (value !== null) this.#entries.set(id, { key: [...key], value: value.slice(), version });
    }
    for (const id of changed) {
      for (const watcher of this.#watchers.get(id) ?? []) watcher.push(this.#read(id));
    }
    return { ok: true, version };
  }

  watch(key: StorageKey): AsyncIterable<Entry | undefined> {
    const id = keyId(key);
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers);
    const changes = new Changes<Entry | undefined>(() => {
      watchers.delete(changes);
      if (watchers.size === 0) this.#watchers.delete(id);
    });
    watchers.add(changes);
    changes.push(this.#read(id));
    return changes;
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const watchers of [...this.#watchers.values()]) {
      for (const watcher of [...watchers]) watcher.end();
    }
    return Promise.resolve();
  }

  /** A copy, so that a reader may change its bytes. */
  #read(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    return entry && { ...entry, value: entry.value.slice() };
  }
}

/**
 * A store in memory, which ends with the program.
 *
 * @example
 * ```ts
 * import { memoryStorage } from "@denizen/runtime/storage";
 *
 * await using storage = memoryStorage();
 * await storage.commit([{ key: ["count"], value: new Uint8Array([1]) }]);
 * ```
 */
export function memoryStorage(name = "memory"): Storage {
  return new MemoryStorage(name);
}
