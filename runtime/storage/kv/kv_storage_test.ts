import assert from "node:assert/strict";
import { createLog, silentSink } from "../../log.ts";
import { KvBlobs } from "./blobs.ts";
import { entryKey, REDO_KEY } from "./layout.ts";
import { encodeRedo } from "./redo.ts";
import { KvStorage } from "./kv_storage.ts";
import { openDenoKv } from "./deno_kv.ts";
import type { StorageKey, Write } from "../storage.ts";

const log = createLog(silentSink, () => 0);
const filled = (bytes: number, salt: number) => new Uint8Array(bytes).fill(salt);
const put = (key: StorageKey, value: Uint8Array): Write => ({ key, value });
const LARGE = 1_500_000;

async function keysUnder(kv: Deno.Kv, first: string): Promise<Deno.KvKey[]> {
  const keys: Deno.KvKey[] = [];
  for await (const { key } of kv.list({ prefix: [first] })) keys.push(key);
  return keys;
}

/** Fails if there is a chunk or a record that no entry leads to. */
async function assertNothingLeaked(kv: Deno.Kv): Promise<void> {
  const live: Record<string, number> = {};
  for await (const { value } of kv.list<{ blob: string; chunks: number } | Uint8Array>({ prefix: ["e"] })) {
    if (!(value instanceof Uint8Array)) live[value.blob] = value.chunks;
  }
  const found: Record<string, number> = {};
  for (const [, id] of await keysUnder(kv, "c")) found[String(id)] = (found[String(id)] ?? 0) + 1;
  assert.deepEqual(found, live, "chunks");
  assert.deepEqual(
    (await keysUnder(kv, "b")).map(([, id]) => id).sort(),
    Object.keys(live).sort(),
    "records",
  );
  assert.equal((await kv.get(REDO_KEY)).versionstamp, null, "the redo record");
}

interface PowerLoss {
  /** Commits that are made and acknowledged before it. */
  readonly after: number;
  /** The next commit is applied too, but reported as failed. */
  readonly silently: boolean;
}

/** A KV that fails at everything from some commit on, like a machine without power. */
function losingPower(kv: Deno.Kv, { after, silently }: PowerLoss): { kv: Deno.Kv; readonly lost: boolean } {
  let left = after;
  let lost = false;
  const committing = async <T>(commit: () => Promise<T>): Promise<T> => {
    const last = left-- === 0;
    if (last && silently) await commit();
    lost ||= last;
    return await whileOn(commit);
  };
  const whileOn = <T>(work: () => T): T => {
    if (lost) throw new Error("the power is off");
    return work();
  };
  const failing = {
    atomic() {
      const atomic = kv.atomic();
      const commit = atomic.commit.bind(atomic);
      atomic.commit = () => committing(commit);
      return atomic;
    },
    get: async (key: Deno.KvKey) => await whileOn(() => kv.get(key)),
    getMany: async (keys: Deno.KvKey[]) => await whileOn(() => kv.getMany(keys)),
    list: (selector: Deno.KvListSelector) => whileOn(() => kv.list(selector)),
    set: (key: Deno.KvKey, value: unknown) => committing(() => kv.set(key, value)),
    close() {},
  };
  return {
    kv: failing as unknown as Deno.Kv,
    get lost() {
      return lost;
    },
  };
}

/**
 * Makes one commit with the power going off after 0, 1, 2, … steps, and sees each time that all of it is
 * there or nothing, that it is all if it was acknowledged, and that nothing stays behind.
 */
async function crashAtEveryStep(before: readonly Write[], after: readonly Write[]): Promise<void> {
  for (const silently of [false, true]) {
    let steps = 0;
    while (await crashAfter({ after: steps, silently }, before, after)) steps++;
    assert.ok(steps > 2, "the commit takes several steps");
  }
}

/** Says whether the power went off before the commit and what follows it were over. */
async function crashAfter(
  loss: PowerLoss,
  before: readonly Write[],
  after: readonly Write[],
): Promise<boolean> {
  const kv = await Deno.openKv(":memory:");
  await using restarted = new KvStorage("restarted", kv, log);
  await new KvStorage("before", kv, log).commit(before);
  const failing = losingPower(kv, loss);
  let acknowledged = false;
  {
    await using crashed = new KvStorage("crashed", failing.kv, log);
    acknowledged = await crashed.commit(after).then(() => true, () => false);
  }
  const where = JSON.stringify(loss);
  const isNew = await holdsAll(restarted, after);
  if (!failing.lost) assert.ok(acknowledged, `${where}: nothing failed, but the commit did`);
  if (acknowledged) assert.ok(isNew, `${where}: it was acknowledged, and is not there`);
  if (!isNew) assert.ok(await holdsAll(restarted, before), `${where}: neither old nor new`);
  await new KvBlobs(kv).sweep();
  await assertNothingLeaked(kv);
  return failing.lost;
}

async function holdsAll(storage: KvStorage, writes: readonly Write[]): Promise<boolean> {
  return (await Promise.all(writes.map(({ key, value }) => holds(storage, key, value)))).every((held) =>
    held
  );
}

async function holds(storage: KvStorage, key: StorageKey, value: Uint8Array | null): Promise<boolean> {
  const entry = await storage.get(key);
  if (entry === undefined || value === null) return entry === undefined && value === null;
  return entry.value.length === value.length && entry.value[0] === value[0];
}

Deno.test("a crash at any step of a large write leaves the old value or the new one, and no chunks", () =>
  crashAtEveryStep([put(["a"], filled(LARGE, 1)), put(["b"], filled(1, 1))], [
    put(["a"], filled(LARGE, 2)),
    put(["b"], filled(2, 2)),
  ]));

Deno.test("a crash at any step of replacing a large value by a small one leaves no chunks", () =>
  crashAtEveryStep([put(["a"], filled(LARGE, 1)), put(["b"], filled(LARGE, 1))], [
    put(["a"], filled(1, 2)),
    { key: ["b"], value: null },
    put(["c"], filled(LARGE, 2)),
  ]));

Deno.test("a crash at any step of a commit of 2,500 writes leaves all of it or nothing", () => {
  const key = (i: number) => ["k", String(i)];
  const before = [0, 1_200, 2_400].map((i) => put(key(i), filled(70_000, 1)));
  return crashAtEveryStep(before, Array.from({ length: 2_500 }, (_, i) => put(key(i), filled(10, 2))));
});

Deno.test("what is overwritten in a run is removed in that run", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/state.kv`;
  {
    await using storage = await openDenoKv(path);
    for (let i = 0; i < 5; i++) {
      await storage.commit([put(["a"], filled(LARGE, i)), put(["b"], filled(LARGE, i))]);
    }
    await storage.commit([put(["a"], filled(1, 9)), put(["c"], filled(70_000, 1))]);
    await storage.commit([
      { key: ["b"], value: null },
      put(["c"], filled(70_000, 2)),
      put(["d"], filled(70_000, 2)),
    ]);
    await storage.commit([{ key: ["c"], value: null }]);
  }
  using kv = await Deno.openKv(path);
  await assertNothingLeaked(kv);
  assert.equal((await keysUnder(kv, "b")).length, 1);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("chunks of a value that is overwritten before the sweep has seen it are removed by the sweep", async () => {
  using kv = await Deno.openKv(":memory:");
  const first = new KvStorage("first", kv, log);
  await first.commit([put(["a"], filled(LARGE, 1)), put(["b"], filled(LARGE, 1))]);
  const second = new KvStorage("second", kv, log);
  await second.commit([put(["a"], filled(1, 2)), { key: ["b"], value: null }]);
  assert.ok((await keysUnder(kv, "c")).length > 0);
  await new KvBlobs(kv).sweep();
  await assertNothingLeaked(kv);
});

Deno.test("a sweep during writes removes garbage only", async () => {
  using kv = await Deno.openKv(":memory:");
  await new KvStorage("first", kv, log).commit([put(["a"], filled(LARGE, 1)), put(["b"], filled(LARGE, 1))]);
  const storage = new KvStorage("second", kv, log);
  const writing = (async () => {
    for (let i = 2; i < 12; i++) {
      await storage.commit([put(["a"], filled(i % 2 === 0 ? LARGE : 5, i)), put(["b"], filled(LARGE, i))]);
    }
  })();
  for (let i = 0; i < 10; i++) await new KvBlobs(kv).sweep();
  await writing;
  assert.ok(await holds(storage, ["a"], filled(5, 11)));
  assert.ok(await holds(storage, ["b"], filled(LARGE, 11)));
  await new KvBlobs(kv).sweep();
  await assertNothingLeaked(kv);
});

Deno.test("a blob above the writes of a transaction is removed in several", async () => {
  using kv = await Deno.openKv(":memory:");
  const storage = new KvStorage("large", kv, log);
  await storage.commit([put(["a"], filled(70 * 1024 * 1024, 1))]);
  await storage.commit([put(["a"], filled(1, 1))]);
  await new KvBlobs(kv).sweep();
  await assertNothingLeaked(kv);
});

Deno.test("a redo record of an earlier run is finished before anything is read, listed or written", async () => {
  const writes = Array.from({ length: 1_500 }, (_, i) => put(entryKey(["k", String(i)]), filled(10, 2)));
  const uses: Record<string, (storage: KvStorage) => Promise<unknown>> = {
    read: (storage) => storage.get(["k", "1499"]),
    list: (storage) => Array.fromAsync(storage.list({ prefix: ["k"] })),
    write: (storage) => storage.commit([put(["other"], filled(1, 1))]),
  };
  for (const [name, use] of Object.entries(uses)) {
    using kv = await Deno.openKv(":memory:");
    await kv.set(entryKey(["k", "3"]), filled(10, 1));
    await kv.set(REDO_KEY, encodeRedo(writes));
    const storage = new KvStorage(name, kv, log);
    await use(storage);
    assert.equal((await kv.get(REDO_KEY)).versionstamp, null);
    assert.equal((await keysUnder(kv, "e")).filter(([, first]) => first === "k").length, 1_500);
    assert.ok(await holds(storage, ["k", "3"], filled(10, 2)));
  }
});

Deno.test("a watcher that comes in the middle of a large commit sees all of it", async () => {
  using kv = await Deno.openKv(":memory:");
  const key = (i: number) => entryKey(["k", String(i)]);
  for (const i of [0, 1]) await kv.set(key(i), filled(10, 1));
  await kv.set(REDO_KEY, encodeRedo([put(key(0), filled(10, 2)), put(key(1), filled(10, 2))]));
  await kv.set(key(0), filled(10, 2));
  for (const i of [0, 1]) {
    const watcher = new KvStorage("watched", kv, log).watch(["k", String(i)])[Symbol.asyncIterator]();
    assert.deepEqual((await watcher.next()).value?.value, filled(10, 2));
    await watcher.return?.();
  }
});

Deno.test("two programs on one database finish the same redo record", async () => {
  using kv = await Deno.openKv(":memory:");
  const writes = Array.from({ length: 1_500 }, (_, i) => put(entryKey(["k", String(i)]), filled(10, 2)));
  await kv.set(REDO_KEY, encodeRedo(writes));
  const [one, other] = [new KvStorage("one", kv, log), new KvStorage("other", kv, log)];
  const entries = await Promise.all([one.get(["k", "0"]), other.get(["k", "1499"]), one.get(["k", "1499"])]);
  assert.ok(entries.every((entry) => entry?.value[0] === 2));
  assert.equal((await kv.get(REDO_KEY)).versionstamp, null);
});

/** A KV that stops before its next commit number `nth`, counted from 0, until it is let go on. */
function pausing(kv: Deno.Kv, nth: number) {
  const stopped = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  let commits = 0;
  const paused = {
    atomic() {
      const atomic = kv.atomic();
      const commit = atomic.commit.bind(atomic);
      atomic.commit = async () => {
        if (commits++ === nth) {
          stopped.resolve();
          await goOn.promise;
        }
        return await commit();
      };
      return atomic;
    },
    get: kv.get.bind(kv),
    getMany: kv.getMany.bind(kv),
    list: kv.list.bind(kv),
    set: kv.set.bind(kv),
  };
  return { kv: paused as unknown as Deno.Kv, stopped: stopped.promise, goOn: () => goOn.resolve() };
}

Deno.test("a program that finishes a redo record too late does not undo what was written since", async () => {
  using kv = await Deno.openKv(":memory:");
  await kv.set(
    REDO_KEY,
    encodeRedo([put(entryKey(["a"]), filled(1, 1)), put(entryKey(["b"]), filled(1, 1))]),
  );
  const slow = pausing(kv, 0);
  const late = new KvStorage("late", slow.kv, log).get(["a"]);
  await slow.stopped;
  const quick = new KvStorage("quick", kv, log);
  await quick.commit([put(["a"], filled(2, 2))]);
  slow.goOn();
  assert.deepEqual((await late)?.value, filled(2, 2));
  assert.deepEqual((await quick.get(["a"]))?.value, filled(2, 2));
  assert.deepEqual((await quick.get(["b"]))?.value, filled(1, 1));
});

Deno.test("a blob that another program sweeps before it has an owner is staged again", async () => {
  using kv = await Deno.openKv(":memory:");
  // Three batches of chunks, then the commit that makes the entry point to them.
  const slow = pausing(kv, 3);
  const storage = new KvStorage("slow", slow.kv, log);
  const writing = storage.commit([put(["a"], filled(LARGE, 1))]);
  await slow.stopped;
  await new KvBlobs(kv).sweep();
  assert.deepEqual(await keysUnder(kv, "c"), []);
  slow.goOn();
  assert.ok((await writing).ok);
  assert.ok(await holds(storage, ["a"], filled(LARGE, 1)));
  await new KvBlobs(kv).sweep();
  await assertNothingLeaked(kv);
});

Deno.test("a sweep that was too slow does not remove a blob that has an owner by now", async () => {
  using kv = await Deno.openKv(":memory:");
  const writer = pausing(kv, 3);
  const storage = new KvStorage("writer", writer.kv, log);
  const writing = storage.commit([put(["a"], filled(LARGE, 1))]);
  await writer.stopped;
  const sweeper = pausing(kv, 0);
  const sweeping = new KvBlobs(sweeper.kv).sweep();
  await sweeper.stopped;
  writer.goOn();
  assert.ok((await writing).ok);
  sweeper.goOn();
  await sweeping;
  assert.ok(await holds(storage, ["a"], filled(LARGE, 1)));
  await assertNothingLeaked(kv);
});

Deno.test("a value with a missing chunk is damage, not a shorter value", async () => {
  using kv = await Deno.openKv(":memory:");
  const storage = new KvStorage("damaged", kv, log);
  await storage.commit([put(["a"], filled(LARGE, 1))]);
  await kv.delete((await keysUnder(kv, "c"))[7]!);
  await assert.rejects(storage.get(["a"]), { code: "data_corrupt" });
});

Deno.test("a damaged redo record stops the store and is kept", async () => {
  using kv = await Deno.openKv(":memory:");
  await kv.set(REDO_KEY, encodeRedo([put(entryKey(["a"]), filled(100, 1))]).subarray(0, 50));
  const storage = new KvStorage("damaged", kv, log);
  await assert.rejects(storage.get(["a"]), { code: "data_corrupt" });
  await assert.rejects(storage.commit([put(["a"], filled(1, 1))]), { code: "data_corrupt" });
  assert.notEqual((await kv.get(REDO_KEY)).versionstamp, null);
});
