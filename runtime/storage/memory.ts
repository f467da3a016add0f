/** A store that lasts as long as its object: for tests, and for nodes that keep nothing. */

import { Changes } from "./changes.ts";
import { compareKeys, isBelow, keyId } from "./key_order.ts";
import {
  assertChecksFit,
  assertKeyFits,
  type Check,
  type CommitOutcome,
  type Entry,
  type Storage,
  type StorageKey,
  type Write,
} from "./storage.ts";

class MemoryStorage implements Storage {
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<string, Set<Changes<Entry | undefined>>>();
  /** Every key in order, until one comes or goes. */
  #sorted: StorageKey[] | undefined;
  #commits = 0;

  constructor(readonly name: string) {}

  get(key: StorageKey): Promise<Entry | undefined> {
    return Promise.resolve(this.#read(keyId(key)));
  }

  async *list(prefix: StorageKey): AsyncIterable<Entry> {
    this.#sorted ??= [...this.#entries.values()].map((entry) => entry.key).sort(compareKeys);
    for (const key of this.#sorted.filter((key) => isBelow(key, prefix))) {
      const entry = this.#read(keyId(key));
      if (entry !== undefined) yield entry;
    }
  }

  // deno-lint-ignore require-await -- async, so that whatever throws rejects
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
    return { ok: true };
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

  /** A copy: what a reader does to its bytes stays with it. */
  #read(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    return entry && { ...entry, value: entry.value.slice() };
  }
}

/**
 * A store in memory. Nothing of it is left when the program ends.
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
