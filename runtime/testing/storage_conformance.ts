/**
 * The contract of `Storage`, as tests. Each test opens a fresh storage.
 *
 * Owns the contract's meaning: where `storage/storage.ts` is ambiguous, these tests decide.
 */

import assert from "node:assert/strict";
import { COMMIT_CHECKS_MAX, STORAGE_KEY_BYTES_MAX } from "../limits.ts";
import { compareKeys, isBelow } from "../storage/key_order.ts";
import type { Entry, ListOptions, Storage, StorageKey, Write } from "../storage/storage.ts";

export interface StorageUnderTest {
  /** Its name in test titles. */
  readonly name: string;
  /** An empty storage. */
  open(): Promise<Storage>;
  /** Closes `storage` and reopens its data. Absent if nothing outlives the object. */
  reopen?(storage: Storage): Promise<Storage>;
  /** Removes what `storage` kept, after a test has closed it. */
  remove?(storage: Storage): Promise<void>;
  /** How many tests run at once, as a store on a network mostly waits. Default: 1. */
  readonly concurrency?: number;
  /** Skips the tests. Default: false. */
  readonly ignore?: boolean;
}

type Case = (storage: Storage) => Promise<void>;

const KIB = 1024;
/** Around the limits of Deno KV: what is inline, what is chunked, what takes more than one transaction. */
const SIZES = [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 800 * KIB, KIB * KIB, 5 * KIB * KIB];

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (entry: Entry | undefined) => entry && new TextDecoder().decode(entry.value);

/** Bytes that differ by offset and by `salt`. */
function pattern(bytes: number, salt = 0): Uint8Array {
  const value = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) value[i] = (i * 31 + (i >> 8) * 17 + (i >> 16) * 7 + salt) & 0xff;
  return value;
}

const put = (key: StorageKey, value: string | Uint8Array): Write => ({
  key,
  value: typeof value === "string" ? encode(value) : value,
});
const del = (key: StorageKey): Write => ({ key, value: null });

async function keysOf(storage: Storage, options: ListOptions): Promise<StorageKey[]> {
  const keys: StorageKey[] = [];
  for await (const { key } of storage.list(options)) keys.push(key);
  return keys;
}

const keysBelow = (storage: Storage, prefix: StorageKey) => keysOf(storage, { prefix });

function assertSame(entry: Entry | undefined, value: Uint8Array): void {
  assert.ok(entry !== undefined, "there is no entry");
  assert.equal(entry.value.length, value.length);
  assert.ok(entry.value.every((byte, i) => byte === value[i]), "the bytes differ");
}

const reads: Record<string, Case> = {
  async "a key that was never written has no entry"(storage) {
    assert.equal(await storage.get(["nothing"]), undefined);
  },

  async "what was written is read, with its key"(storage) {
    await storage.commit([put(["a", "b"], "value")]);
    const entry = await storage.get(["a", "b"]);
    assert.equal(decode(entry), "value");
    assert.deepEqual(entry?.key, ["a", "b"]);
  },

  async "keys with the same text in other parts are other keys"(storage) {
    const keys = [["ab", "c"], ["a", "bc"], ["abc"], ["a", "b", "c"], ["a\0b", "c"], ["a", "b\0c"], [
      "a\0b\0c",
    ]];
    await storage.commit(keys.map((key, i) => put(key, String(i))));
    for (const [i, key] of keys.entries()) {
      assert.equal(decode(await storage.get(key)), String(i), String(key));
    }
  },

  async "a reader that changes the bytes it got changes nothing else"(storage) {
    await storage.commit([put(["a"], "value")]);
    (await storage.get(["a"]))?.value.fill(0);
    assert.equal(decode(await storage.get(["a"])), "value");
  },

  async "a writer that changes its bytes after the commit changes nothing"(storage) {
    const value = encode("value");
    await storage.commit([put(["a"], value)]);
    value.fill(0);
    assert.equal(decode(await storage.get(["a"])), "value");
  },
};

const lists: Record<string, Case> = {
  async "a list of nothing is empty"(storage) {
    assert.deepEqual(await keysBelow(storage, ["nothing"]), []);
  },

  async "a list has what is below its prefix, and not the prefix itself"(storage) {
    await storage.commit([
      put(["a"], "1"),
      put(["a", "x"], "2"),
      put(["a", "x", "y"], "3"),
      put(["ab", "x"], "4"),
      put(["b"], "5"),
    ]);
    assert.deepEqual(await keysBelow(storage, ["a"]), [["a", "x"], ["a", "x", "y"]]);
    assert.deepEqual(await keysBelow(storage, ["a", "x", "y"]), []);
  },

  async "a list of the empty prefix has everything"(storage) {
    await storage.commit([put(["b"], "1"), put(["a", "x"], "2"), put(["a"], "3")]);
    assert.deepEqual(await keysBelow(storage, []), [["a"], ["a", "x"], ["b"]]);
  },

  async "a key comes before the keys it begins"(storage) {
    await storage.commit(
      ["b", "a", "ab", "abc", "aa"].flatMap((part) => [put(["k", part], ""), put(["k", part, "z"], "")]),
    );
    const parts = ["a", "aa", "ab", "abc", "b"];
    assert.deepEqual(
      await keysBelow(storage, ["k"]),
      parts.flatMap((part) => [["k", part], ["k", part, "z"]]),
    );
  },

  async "parts are ordered by their UTF-8 bytes"(storage) {
    // By UTF-16 units the emoji would come before U+FF5E.
    const parts = [
      "\0",
      "\x01",
      "0",
      "A",
      "a",
      "a\0",
      "a\0\0",
      "a\x01",
      "a!",
      "z",
      "ß",
      "é",
      "語",
      "\uff5e",
      "😀",
    ];
    await storage.commit(parts.toReversed().map((part) => put(["k", part], "")));
    assert.deepEqual((await keysBelow(storage, ["k"])).map(([, part]) => part), parts);
  },

  async "a list has values and versions, small and large"(storage) {
    await storage.commit([put(["k", "large"], pattern(200 * KIB)), put(["k", "small"], "s")]);
    const entries: Entry[] = [];
    for await (const entry of storage.list({ prefix: ["k"] })) entries.push(entry);
    assertSame(entries[0], pattern(200 * KIB));
    assert.equal(decode(entries[1]), "s");
    assert.equal(entries[0].version, (await storage.get(["k", "large"]))?.version);
  },

  async "a list may be left early"(storage) {
    await storage.commit(Array.from({ length: 300 }, (_, i) => put(["k", String(i).padStart(3, "0")], "")));
    for await (const { key } of storage.list({ prefix: ["k"] })) {
      if (key[1] === "007") break;
    }
    assert.equal((await keysBelow(storage, ["k"])).length, 300);
  },

  async "a list is longer than any page of the store"(storage) {
    await storage.commit(
      Array.from({ length: 1_234 }, (_, i) => put(["k", String(i).padStart(4, "0")], String(i))),
    );
    const keys = await keysBelow(storage, ["k"]);
    assert.equal(keys.length, 1_234);
    assert.deepEqual(keys.map(([, part]) => Number(part)), keys.map((_, i) => i));
  },
};

const ranges: Record<string, Case> = {
  async "a range has the keys from its start to before its end, in both directions"(storage) {
    const keys = [["a"], ["k"], ["k", "a"], ["k", "b"], ["k", "b", "x"], ["k", "c"], ["kk", "a"], ["l"]];
    await storage.commit(keys.map((key) => put(key, key.join(" "))));
    const bounds: (StorageKey | undefined)[] = [
      undefined,
      ...keys,
      ["k", "a", "z"],
      ["k", "bb"],
      ["k", "z"],
      ["j", "z"],
      ["z"],
    ];
    for (const prefix of [[], ["k"], ["k", "b"], ["x"]]) {
      for (const start of bounds) {
        for (const end of bounds) {
          const expected = keys.filter((key) =>
            isBelow(key, prefix) && (start === undefined || compareKeys(key, start) >= 0) &&
            (end === undefined || compareKeys(key, end) < 0)
          );
          const title = JSON.stringify({ prefix, start, end });
          assert.deepEqual(await keysOf(storage, { prefix, start, end }), expected, title);
          assert.deepEqual(
            await keysOf(storage, { prefix, start, end, reverse: true }),
            expected.toReversed(),
            title,
          );
        }
      }
    }
  },

  async "a limit cuts a list from the end where it starts"(storage) {
    const key = (i: number) => ["k", String(i).padStart(3, "0")];
    const keys = Array.from({ length: 250 }, (_, i) => key(i));
    await storage.commit(keys.map((key) => put(key, "")));
    for (const limit of [0, 1, 100, 101, 249, 250, 300]) {
      assert.deepEqual(await keysOf(storage, { prefix: ["k"], limit }), keys.slice(0, limit));
      assert.deepEqual(
        await keysOf(storage, { prefix: ["k"], limit, reverse: true }),
        keys.toReversed().slice(0, limit),
      );
    }
    assert.deepEqual(await keysOf(storage, { prefix: ["k"], start: key(100), limit: 2 }), [
      key(100),
      key(101),
    ]);
    for (const limit of [-1, 0.5, NaN]) {
      await assert.rejects(keysOf(storage, { prefix: ["k"], limit }), { code: "invalid_argument" });
    }
  },
};

const commits: Record<string, Case> = {
  async "a commit of nothing succeeds"(storage) {
    assert.ok((await storage.commit([])).ok);
  },

  async "a commit replaces, adds and deletes at once"(storage) {
    await storage.commit([put(["a"], "1"), put(["b"], "1")]);
    assert.ok((await storage.commit([put(["a"], "2"), del(["b"]), put(["c"], "2")])).ok);
    assert.equal(decode(await storage.get(["a"])), "2");
    assert.equal(await storage.get(["b"]), undefined);
    assert.equal(decode(await storage.get(["c"])), "2");
    assert.deepEqual(await keysBelow(storage, []), [["a"], ["c"]]);
  },

  async "a delete of nothing succeeds"(storage) {
    assert.ok((await storage.commit([del(["a"])])).ok);
  },

  async "of two writes to one key the last counts"(storage) {
    await storage.commit([
      put(["a"], "1"),
      put(["b"], "1"),
      put(["a"], "2"),
      del(["b"]),
      del(["c"]),
      put(["c"], "3"),
    ]);
    assert.equal(decode(await storage.get(["a"])), "2");
    assert.equal(await storage.get(["b"]), undefined);
    assert.equal(decode(await storage.get(["c"])), "3");
  },

  async "of two large writes to one key the last counts"(storage) {
    await storage.commit([put(["a"], pattern(100 * KIB, 1)), put(["a"], pattern(100 * KIB, 2))]);
    assertSame(await storage.get(["a"]), pattern(100 * KIB, 2));
  },

  async "commits that overlap in time all happen"(storage) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => storage.commit([put(["k", String(i)], "")])));
    assert.equal((await keysBelow(storage, ["k"])).length, 50);
  },

  async "2,500 writes are one commit"(storage) {
    const key = (i: number) => ["k", String(i).padStart(4, "0")];
    await storage.commit([put(key(0), "old"), put(key(2_499), "old")]);
    const writes = Array.from({ length: 2_500 }, (_, i) => put(key(i), `value ${i}`));
    assert.ok((await storage.commit(writes)).ok);
    let count = 0;
    for await (const entry of storage.list({ prefix: ["k"] })) {
      assert.equal(decode(entry), `value ${count++}`);
    }
    assert.equal(count, 2_500);
    await storage.commit(writes.map(({ key }) => del(key)));
    assert.deepEqual(await keysBelow(storage, []), []);
  },

  async "a commit of many values that are large together is one commit"(storage) {
    const writes = Array.from({ length: 60 }, (_, i) => put(["k", String(i)], pattern(60 * KIB, i)));
    assert.ok((await storage.commit(writes)).ok);
    for (const { key, value } of writes) assertSame(await storage.get(key), value!);
  },

  async "a commit of many large values is one commit"(storage) {
    const writes = Array.from({ length: 70 }, (_, i) => put(["k", String(i)], pattern(70 * KIB, i)));
    assert.ok((await storage.commit(writes)).ok);
    for (const { key, value } of writes) assertSame(await storage.get(key), value!);
  },

  async "keys up to STORAGE_KEY_BYTES_MAX are kept, in any writing"(storage) {
    // Each part takes two bytes beside its text, a zero takes two.
    const keys = [
      ["x".repeat(STORAGE_KEY_BYTES_MAX - 2)],
      ["語".repeat(600), "x".repeat(STORAGE_KEY_BYTES_MAX - 1_804)],
      ["\0".repeat((STORAGE_KEY_BYTES_MAX - 2) / 2)],
    ];
    await storage.commit(keys.map((key) => put(key, "kept")));
    for (const key of keys) assert.equal(decode(await storage.get(key)), "kept");
  },

  async "keys that are too long, empty or not text are refused, and nothing is written"(storage) {
    for (const key of [[], [""], ["a", ""], ["\ud800"], ["x".repeat(STORAGE_KEY_BYTES_MAX - 1)]]) {
      await assert.rejects(storage.commit([put(["a"], "1"), put(key, "1")]), { code: "invalid_argument" });
    }
    assert.deepEqual(await keysBelow(storage, []), []);
  },
};

const checks: Record<string, Case> = {
  async "a version changes with every write, and is the same for every reader"(storage) {
    const seen = new Set<string>();
    for (const value of ["1", "1", "2"]) {
      await storage.commit([put(["a"], value)]);
      const version = (await storage.get(["a"]))!.version;
      assert.equal((await storage.get(["a"]))!.version, version);
      seen.add(version);
    }
    await storage.commit([del(["a"])]);
    await storage.commit([put(["a"], "1")]);
    seen.add((await storage.get(["a"]))!.version);
    assert.equal(seen.size, 4);
  },

  async "a write to another key leaves the version as it is"(storage) {
    await storage.commit([put(["a"], "1")]);
    const { version } = (await storage.get(["a"]))!;
    await storage.commit([put(["b"], "1")]);
    assert.equal((await storage.get(["a"]))!.version, version);
  },

  async "a commit tells the version of what it wrote"(storage) {
    const outcome = await storage.commit([put(["a"], "1"), put(["b"], "1")]);
    assert.ok(outcome.ok && outcome.version !== undefined);
    assert.equal((await storage.get(["a"]))!.version, outcome.version);
    assert.equal((await storage.get(["b"]))!.version, outcome.version);
  },

  async "a check of the present version holds, and one of an old version does not"(storage) {
    await storage.commit([put(["a"], "1")]);
    const { version } = (await storage.get(["a"]))!;
    assert.ok((await storage.commit([put(["a"], "2")], [{ key: ["a"], version }])).ok);
    const outcome = await storage.commit([put(["a"], "3"), put(["b"], "3")], [{ key: ["a"], version }]);
    assert.deepEqual(outcome, { ok: false, conflict: ["a"] });
    assert.equal(decode(await storage.get(["a"])), "2");
    assert.equal(await storage.get(["b"]), undefined);
  },

  async "a check for absence holds only where there is nothing"(storage) {
    assert.ok((await storage.commit([put(["a"], "1")], [{ key: ["a"], version: null }])).ok);
    const outcome = await storage.commit([put(["a"], "2")], [{ key: ["a"], version: null }]);
    assert.deepEqual(outcome, { ok: false, conflict: ["a"] });
    await storage.commit([del(["a"])]);
    assert.ok((await storage.commit([put(["a"], "3")], [{ key: ["a"], version: null }])).ok);
  },

  async "a version that is checked may belong to a key that is not written"(storage) {
    await storage.commit([put(["lease"], "mine")]);
    const { version } = (await storage.get(["lease"]))!;
    assert.ok((await storage.commit([put(["a"], "1")], [{ key: ["lease"], version }])).ok);
    await storage.commit([put(["lease"], "yours")]);
    const outcome = await storage.commit([put(["a"], "2")], [{ key: ["lease"], version }]);
    assert.deepEqual(outcome, { ok: false, conflict: ["lease"] });
    assert.equal(decode(await storage.get(["a"])), "1");
  },

  async "the first check that does not hold is named"(storage) {
    await storage.commit([put(["a"], "1"), put(["b"], "1")]);
    const { version } = (await storage.get(["a"]))!;
    const checks = [{ key: ["a"], version }, { key: ["b"], version: null }, { key: ["c"], version }];
    const outcome = await storage.commit([], checks);
    assert.deepEqual(outcome, { ok: false, conflict: ["b"] });
  },

  async "a large value has a version too, and a conflict leaves it whole"(storage) {
    await storage.commit([put(["a"], pattern(300 * KIB, 1))]);
    const { version } = (await storage.get(["a"]))!;
    await storage.commit([put(["a"], pattern(300 * KIB, 2))], [{ key: ["a"], version }]);
    const outcome = await storage.commit([put(["a"], pattern(300 * KIB, 3))], [{ key: ["a"], version }]);
    assert.deepEqual(outcome, { ok: false, conflict: ["a"] });
    assertSame(await storage.get(["a"]), pattern(300 * KIB, 2));
  },

  async "a commit of 2,500 writes heeds its checks"(storage) {
    await storage.commit([put(["a"], "1")]);
    const writes = Array.from({ length: 2_500 }, (_, i) => put(["k", String(i)], "x"));
    const outcome = await storage.commit(writes, [{ key: ["a"], version: null }]);
    assert.deepEqual(outcome, { ok: false, conflict: ["a"] });
    assert.deepEqual(await keysBelow(storage, ["k"]), []);
    const { version } = (await storage.get(["a"]))!;
    assert.ok((await storage.commit(writes, [{ key: ["a"], version }])).ok);
    assert.equal((await keysBelow(storage, ["k"])).length, 2_500);
  },

  async "of writers that race on one version exactly one wins"(storage) {
    await storage.commit([put(["a"], "0")]);
    const { version } = (await storage.get(["a"]))!;
    const outcomes = await Promise.all(
      Array.from(
        { length: 20 },
        (_, i) => storage.commit([put(["a"], String(i))], [{ key: ["a"], version }]),
      ),
    );
    assert.equal(outcomes.filter(({ ok }) => ok).length, 1);
  },

  async "a commit takes as many checks as every store does, and refuses more"(storage) {
    const absent = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ key: ["c", String(i)], version: null }));
    assert.ok((await storage.commit([put(["a"], "1")], absent(COMMIT_CHECKS_MAX))).ok);
    await assert.rejects(storage.commit([put(["a"], "2")], absent(COMMIT_CHECKS_MAX + 1)), {
      code: "invalid_argument",
    });
    assert.equal(decode(await storage.get(["a"])), "1");
  },
};

const sizes: Record<string, Case> = {
  async "a value that grows and shrinks over every limit is read whole each time"(storage) {
    for (const bytes of [10, 5 * KIB * KIB, 10, 64 * KIB + 1, 64 * KIB, 300 * KIB, 0, 300 * KIB]) {
      await storage.commit([put(["a"], pattern(bytes, bytes % 251))]);
      assertSame(await storage.get(["a"]), pattern(bytes, bytes % 251));
    }
  },

  async "a large value can be deleted and written again"(storage) {
    await storage.commit([put(["a"], pattern(KIB * KIB))]);
    await storage.commit([del(["a"])]);
    assert.equal(await storage.get(["a"]), undefined);
    assert.deepEqual(await keysBelow(storage, []), []);
    await storage.commit([put(["a"], pattern(KIB * KIB, 1))]);
    assertSame(await storage.get(["a"]), pattern(KIB * KIB, 1));
  },

  async "a large value and small ones change together"(storage) {
    await storage.commit([
      put(["a"], pattern(200 * KIB)),
      put(["b"], "1"),
      put(["c"], pattern(150 * KIB, 3)),
    ]);
    await storage.commit([put(["a"], "small"), put(["b"], pattern(200 * KIB, 2)), del(["c"])]);
    assert.equal(decode(await storage.get(["a"])), "small");
    assertSame(await storage.get(["b"]), pattern(200 * KIB, 2));
    assert.equal(await storage.get(["c"]), undefined);
  },

  async "a reader of a large value that is being replaced gets one value or the other"(storage) {
    const value = (salt: number) => pattern(400 * KIB, salt);
    await storage.commit([put(["a"], value(0))]);
    const writing = (async () => {
      for (let salt = 1; salt <= 10; salt++) await storage.commit([put(["a"], value(salt))]);
    })();
    for (let i = 0; i < 30; i++) {
      const entry = (await storage.get(["a"]))!;
      assertSame(entry, value(entry.value[0]));
    }
    await writing;
  },
};

for (const bytes of SIZES) {
  sizes[`a value of ${bytes.toLocaleString("en")} bytes is read as it was written`] = async (storage) => {
    await storage.commit([put(["a"], pattern(bytes))]);
    assertSame(await storage.get(["a"]), pattern(bytes));
  };
}

const watches: Record<string, Case> = {
  async "a watcher first gets the present value"(storage) {
    await storage.commit([put(["a"], "1")]);
    const watcher = storage.watch(["a"])[Symbol.asyncIterator]();
    assert.equal(decode((await watcher.next()).value), "1");
    await watcher.return?.();
  },

  async "a watcher of nothing first gets nothing, and then what is written"(storage) {
    const watcher = storage.watch(["a"])[Symbol.asyncIterator]();
    assert.deepEqual(await watcher.next(), { value: undefined, done: false });
    const change = watcher.next();
    await storage.commit([put(["a"], "1")]);
    assert.equal(decode((await change).value), "1");
    await watcher.return?.();
  },

  async "a watcher sees deletes and large values"(storage) {
    await storage.commit([put(["a"], "1")]);
    const watcher = storage.watch(["a"])[Symbol.asyncIterator]();
    await watcher.next();
    const deleted = watcher.next();
    await storage.commit([del(["a"])]);
    assert.deepEqual(await deleted, { value: undefined, done: false });
    const large = watcher.next();
    await storage.commit([put(["a"], pattern(200 * KIB))]);
    assertSame((await large).value, pattern(200 * KIB));
    await watcher.return?.();
  },

  async "a slow watcher gets the last value"(storage) {
    const watcher = storage.watch(["a"])[Symbol.asyncIterator]();
    await watcher.next();
    for (let i = 0; i < 20; i++) await storage.commit([put(["a"], String(i))]);
    let last: Entry | undefined;
    while (decode(last) !== "19") last = (await watcher.next()).value;
    await watcher.return?.();
  },

  async "a watcher never sees a part of a large commit"(storage) {
    const key = (i: number) => ["k", String(i).padStart(4, "0")];
    const watchers = [key(0), key(2_499)].map((key) => storage.watch(key)[Symbol.asyncIterator]());
    for (const watcher of watchers) await watcher.next();
    for (const round of ["1", "2", "3"]) {
      const writing = storage.commit(Array.from({ length: 2_500 }, (_, i) => put(key(i), round)));
      const first = await Promise.race(watchers.map((watcher) => watcher.next()));
      assert.equal(decode(first.value), round);
      for (const i of [0, 1_250, 2_499]) assert.equal(decode(await storage.get(key(i))), round);
      await writing;
      for (const watcher of watchers) await watcher.return?.();
      watchers.splice(
        0,
        2,
        ...[key(0), key(2_499)].map((key) => storage.watch(key)[Symbol.asyncIterator]()),
      );
      for (const watcher of watchers) assert.equal(decode((await watcher.next()).value), round);
    }
    for (const watcher of watchers) await watcher.return?.();
  },

  async "a watcher that leaves is let go while it waits"(storage) {
    const watcher = storage.watch(["a"])[Symbol.asyncIterator]();
    await watcher.next();
    const waiting = watcher.next();
    await watcher.return?.();
    assert.deepEqual(await waiting, { value: undefined, done: true });
    assert.deepEqual(await watcher.next(), { value: undefined, done: true });
  },
};

const reopenings: Record<
  string,
  (storage: Storage, reopen: (storage: Storage) => Promise<Storage>) => Promise<Storage>
> = {
  async "everything is there after it was closed and opened"(storage, reopen) {
    await storage.commit([put(["a"], "1"), put(["b"], pattern(KIB * KIB)), put(["c"], new Uint8Array(0))]);
    const before = (await storage.get(["a"]))!;
    const again = await reopen(storage);
    assert.deepEqual(await again.get(["a"]), before);
    assertSame(await again.get(["b"]), pattern(KIB * KIB));
    assertSame(await again.get(["c"]), new Uint8Array(0));
    assert.deepEqual(await keysBelow(again, []), [["a"], ["b"], ["c"]]);
    return again;
  },

  async "a version outlives a close, and is not given again"(storage, reopen) {
    await storage.commit([put(["a"], "1")]);
    const { version } = (await storage.get(["a"]))!;
    const again = await reopen(storage);
    assert.ok((await again.commit([put(["a"], "2")], [{ key: ["a"], version }])).ok);
    assert.notEqual((await again.get(["a"]))!.version, version);
    return again;
  },

  async "a large value that was never read in this run can be replaced by a small one"(storage, reopen) {
    await storage.commit([put(["a"], pattern(KIB * KIB)), put(["b"], pattern(KIB * KIB))]);
    const again = await reopen(storage);
    await again.commit([put(["a"], "small"), del(["b"])]);
    assert.equal(decode(await again.get(["a"])), "small");
    assert.equal(await again.get(["b"]), undefined);
    return again;
  },
};

/**
 * Registers the tests for one implementation.
 *
 * @example
 * ```ts ignore
 * import { memoryStorage } from "@denizen/runtime/storage";
 * import { storageConformance } from "@denizen/runtime/testing";
 *
 * storageConformance({ name: "memory", open: () => Promise.resolve(memoryStorage()) });
 * ```
 */
export function storageConformance(subject: StorageUnderTest): void {
  const { name, concurrency = 1, ignore = false } = subject;
  const tests = [...testsOf(subject)];
  if (concurrency === 1) {
    for (const [title, fn] of tests) Deno.test({ name: `${name}: ${title}`, ignore, fn });
    return;
  }
  // Deno runs steps concurrently only without sanitizers, which would report the leaks of other steps.
  const options = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  Deno.test({
    name: `${name} does what every storage does`,
    ignore,
    ...options,
    fn: async (context) => {
      const next = tests.values();
      await Promise.all(Array.from({ length: concurrency }, async () => {
        for (const [name, fn] of next) await context.step({ name, fn, ...options });
      }));
    },
  });
}

function* testsOf({ open, reopen, remove }: StorageUnderTest): Iterable<[string, () => Promise<void>]> {
  const cases = { ...reads, ...lists, ...ranges, ...commits, ...checks, ...sizes, ...watches };
  for (const [title, check] of Object.entries(cases)) {
    yield [title, async () => {
      await using cleanup = new AsyncDisposableStack();
      const storage = await open();
      cleanup.defer(() => remove?.(storage) ?? Promise.resolve());
      await check(cleanup.use(storage));
    }];
  }
  if (reopen === undefined) return;
  for (const [title, check] of Object.entries(reopenings)) {
    yield [title, async () => {
      await using cleanup = new AsyncDisposableStack();
      const storage = await open();
      cleanup.defer(() => remove?.(storage) ?? Promise.resolve());
      cleanup.use(await check(storage, reopen));
    }];
  }
}
