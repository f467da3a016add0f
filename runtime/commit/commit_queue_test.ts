import assert from "node:assert/strict";
import { systemClock } from "../world/clock.ts";
import { DenizenError } from "../errors.ts";
import {
  COMMIT_BACKLOG_BYTES_MAX,
  COMMIT_BACKLOG_MAX,
  COMMIT_BATCH_BYTES_MAX,
  COMMIT_BATCH_WRITES_MAX,
  STORAGE_KEY_BYTES_MAX,
} from "../limits.ts";
import { createLog, silentSink } from "../log.ts";
import { FaultyStorage } from "../testing/faulty_storage.ts";
import { settle, VirtualClock } from "../testing/virtual_clock.ts";
import { CommitQueue } from "./commit_queue.ts";
import type { Effect } from "./effect.ts";
import { memoryStorage } from "../storage/memory.ts";
import type { StorageKey } from "../storage/storage.ts";

const log = createLog(silentSink, () => 0);
const state = (id: string, key: StorageKey, value: string | Uint8Array | null): Effect => ({
  kind: "state",
  id,
  key,
  value,
});
const full = new DenizenError("disk_full", "Cannot commit as the disk is full");

/** A queue on a storage with a gate, and everything it told, in order. */
function setUp() {
  const storage = new FaultyStorage(memoryStorage());
  const told: string[] = [];
  const queue = new CommitQueue(storage, {
    log,
    onLost: (from, to, error) => told.push(`onLost ${from}-${to} ${error.code}`),
  });
  const write = (id: string, value: string | Uint8Array | null = "x") =>
    queue.append([state(id, ["k", id], value)]);
  const wait = (position: number, name = String(position)) =>
    queue.whenDurable(
      position,
      () => told.push(`ok ${name}`),
      (error) => told.push(`lost ${name} ${error.code}`),
    );
  const read = async (id: string) => {
    const entry = await storage.get(["k", id]);
    return entry && new TextDecoder().decode(entry.value);
  };
  return { storage, queue, told, write, wait, read };
}

Deno.test("positions start at 1 and grow", () => {
  const { queue, write } = setUp();
  assert.equal(queue.position, 0);
  assert.deepEqual([write("a"), write("a"), write("b")], [1, 2, 3]);
  assert.equal(queue.position, 3);
  assert.equal(queue.durable, 0);
});

Deno.test("what was appended is in the storage once its position is reached", async () => {
  const { queue, write, read } = setUp();
  await queue.reached(write("a", "ä😀"));
  assert.equal(await read("a"), "ä😀");
  assert.equal(queue.durable, 1);
  await queue.reached(write("a", new TextEncoder().encode("bytes")));
  assert.equal(await read("a"), "bytes");
  await queue.reached(write("a", null));
  assert.equal(await read("a"), undefined);
});

Deno.test("position 0 and every durable position are reached at once, without a promise of their own", async () => {
  const { queue, write } = setUp();
  const nothing = queue.reached(0);
  await nothing;
  await queue.reached(write("a"));
  assert.equal(queue.reached(1), nothing);
});

Deno.test("writes of one turn of the event loop share a commit", async () => {
  const { storage, queue, write } = setUp();
  await Promise.all(["a", "b", "c"].map(async (id) => {
    await Promise.resolve();
    await queue.reached(write(id));
  }));
  assert.deepEqual(storage.commits.map(({ writes }) => writes.length), [3]);
});

Deno.test("one commit is underway at a time, and the next takes everything that came meanwhile", async () => {
  const { storage, queue, write } = setUp();
  storage.holdCommits();
  write("a");
  await settle();
  for (const id of ["b", "c", "b"]) write(id);
  await settle();
  assert.equal(storage.commits.length, 1);
  storage.release();
  await queue.flush();
  assert.deepEqual(storage.commits.map(({ writes }) => writes.length), [1, 2]);
});

Deno.test("of the writes to one key that wait, only the last is made, and all are durable with it", async () => {
  const { storage, queue, write, read, told, wait } = setUp();
  storage.holdCommits();
  write("a", "1");
  await settle();
  for (const value of ["2", "3", "4"]) wait(write("a", value));
  storage.release(1);
  await settle();
  assert.equal(await read("a"), "1");
  assert.equal(queue.durable, 1);
  storage.release();
  await queue.flush();
  assert.equal(await read("a"), "4");
  assert.equal(storage.commits.length, 2);
  assert.deepEqual(told, ["ok 2", "ok 3", "ok 4"]);
});

Deno.test("writes of one group share a position and a commit, however many they are", async () => {
  const { storage, queue, write } = setUp();
  storage.holdCommits();
  write("first");
  await settle();
  for (let i = 0; i < COMMIT_BATCH_WRITES_MAX - 1; i++) write(`single ${i}`);
  const group = Array.from(
    { length: COMMIT_BATCH_WRITES_MAX + 1 },
    (_, i) => state(`group ${i}`, ["g", String(i)], "x"),
  );
  const position = queue.append(group);
  assert.equal(position, COMMIT_BATCH_WRITES_MAX + 1);
  storage.release();
  await queue.reached(position);
  assert.deepEqual(
    storage.commits.map(({ writes }) => writes.length),
    [1, COMMIT_BATCH_WRITES_MAX - 1, COMMIT_BATCH_WRITES_MAX + 1],
  );
});

Deno.test("a group of nothing is durable", async () => {
  const { queue } = setUp();
  assert.equal(queue.append([]), 0);
  await queue.reached(0);
});

Deno.test("a commit ends at its bounds of writes and of bytes", async () => {
  const { storage, queue, write } = setUp();
  storage.holdCommits();
  write("first");
  await settle();
  for (let i = 0; i < 2 * COMMIT_BATCH_WRITES_MAX; i++) write(`small ${i}`);
  for (let i = 0; i < 3; i++) write(`large ${i}`, "x".repeat(COMMIT_BATCH_BYTES_MAX * 0.6));
  storage.release();
  await queue.flush();
  assert.deepEqual(
    storage.commits.map(({ writes }) => writes.length),
    [1, COMMIT_BATCH_WRITES_MAX, COMMIT_BATCH_WRITES_MAX, 1, 1, 1],
  );
});

Deno.test("text of any length counts as its UTF-8 bytes where a commit ends", async () => {
  for (const [character, bytes] of [["x", 1], ["é", 2], ["語", 3], ["😀", 4]] as const) {
    const { storage, queue, write } = setUp();
    const third = character.repeat(Math.floor(COMMIT_BATCH_BYTES_MAX / 3 / bytes) - 10);
    for (let i = 0; i < 4; i++) write(`${i}`, third);
    await queue.flush();
    assert.deepEqual(storage.commits.map(({ writes }) => writes.length), [3, 1], character);
    queue.append([0, 1, 2, 3].map((i) => state(`k ${i}`, ["k", `${i}`], third)));
    for (const i of [4, 5]) write(`${i}`, "x".repeat(1000));
    await queue.flush();
    assert.deepEqual(storage.commits.slice(2).map(({ writes }) => writes.length), [4, 2], character);
  }
});

Deno.test("text counts as its UTF-8 bytes where the backlog ends", async () => {
  const { storage, queue, write } = setUp();
  storage.holdCommits();
  write("in flight");
  await settle();
  const quarter = "é".repeat(COMMIT_BACKLOG_BYTES_MAX / 8 - 100);
  for (const id of ["a", "b", "c", "d"]) write(id, quarter);
  assert.throws(() => write("e", "é".repeat(1_000)), {
    code: "overloaded",
    message: /COMMIT_BACKLOG_BYTES_MAX/,
  });
  storage.release();
  await queue.flush();
  write("e", quarter);
  await queue.flush();
});

Deno.test("one value above the bound is a commit of its own", async () => {
  const { storage, queue, write, read } = setUp();
  write("a", "x".repeat(3 * COMMIT_BATCH_BYTES_MAX));
  write("b");
  await queue.flush();
  assert.deepEqual(storage.commits.map(({ writes }) => writes.length), [1, 1]);
  assert.equal((await read("a"))?.length, 3 * COMMIT_BATCH_BYTES_MAX);
});

Deno.test("a write that is replaced leaves room for others", async () => {
  const { storage, queue, write } = setUp();
  storage.holdCommits();
  write("first");
  await settle();
  write("a", "x".repeat(COMMIT_BATCH_BYTES_MAX * 0.9));
  write("a", "small");
  write("b", "x".repeat(COMMIT_BATCH_BYTES_MAX * 0.5));
  storage.release();
  await queue.flush();
  assert.deepEqual(storage.commits.map(({ writes }) => writes.length), [1, 2]);
});

Deno.test("a key written before and after a bound gets both values, in order", async () => {
  const { storage, queue, write, read, told, wait } = setUp();
  storage.holdCommits();
  write("first");
  await settle();
  wait(write("a", "1"));
  for (let i = 0; i < COMMIT_BATCH_WRITES_MAX; i++) write(String(i));
  wait(write("a", "2"));
  for (let i = 0; i < 2; i++) {
    storage.release(1);
    await settle();
  }
  assert.deepEqual(told, ["ok 2"]);
  assert.equal(await read("a"), "1");
  storage.release();
  await queue.flush();
  assert.equal(await read("a"), "2");
});

Deno.test("waiters are notified in the order they came", async () => {
  const { storage, queue, told, write, wait } = setUp();
  storage.holdCommits();
  const [a, b] = [write("a"), write("b")];
  wait(b, "late position, first waiter");
  wait(a, "early position, second waiter");
  await settle();
  const c = write("c");
  wait(c, "next commit");
  wait(a, "third waiter");
  storage.release();
  await queue.flush();
  assert.deepEqual(told, [
    "ok late position, first waiter",
    "ok early position, second waiter",
    "ok third waiter",
    "ok next commit",
  ]);
});

Deno.test("a failed commit loses everything behind it, and nothing before it", async () => {
  const { storage, queue, told, write, wait, read } = setUp();
  await queue.reached(write("a", "kept"));
  storage.holdCommits();
  storage.failCommits(1, full);
  wait(write("b"));
  await settle();
  wait(write("c"));
  for (let i = 0; i < COMMIT_BATCH_WRITES_MAX; i++) write(String(i));
  wait(write("d"), "d");
  const promised = assert.rejects(queue.reached(3), { code: "disk_full" });
  storage.release();
  await promised;
  const last = queue.position;
  assert.deepEqual(told, [
    `onLost 2-${last} disk_full`,
    "lost 2 disk_full",
    "lost 3 disk_full",
    "lost d disk_full",
  ]);
  assert.equal(storage.commits.length, 2);
  assert.equal(await read("a"), "kept");
  assert.equal(await read("c"), undefined);
  assert.equal(queue.durable, 1);
});

Deno.test("after a loss new positions become durable, and the lost ones never do", async () => {
  const { storage, queue, write, told, wait, read } = setUp();
  storage.failCommits(1, full);
  await assert.rejects(queue.reached(write("a")), { code: "disk_full" });
  assert.equal(queue.durable, 0);
  await queue.reached(write("b"));
  assert.equal(queue.durable, 2);
  assert.ok(queue.lossOf(1));
  assert.equal(queue.lossOf(2), undefined);
  await assert.rejects(queue.reached(1), { code: "disk_full" });
  wait(1);
  wait(2);
  assert.deepEqual(told, ["onLost 1-1 disk_full", "lost 1 disk_full", "ok 2"]);
  assert.equal(await read("a"), undefined);
  await queue.reached(0);
});

Deno.test("a waiter that is notified of a loss may append at once, and that write is not lost", async () => {
  const storage = new FaultyStorage(memoryStorage());
  const positions: number[] = [];
  const queue: CommitQueue = new CommitQueue(storage, {
    log,
    onLost: () => positions.push(queue.append([state("a", ["a"], "from onLost")])),
  });
  storage.failCommits(1);
  const lost = queue.append([state("a", ["a"], "lost")]);
  queue.whenDurable(lost, () => {}, () => positions.push(queue.append([state("b", ["b"], "from a waiter")])));
  await assert.rejects(queue.reached(lost), { code: "storage" });
  assert.deepEqual(positions, [2, 3]);
  await queue.reached(3);
  assert.equal(new TextDecoder().decode((await storage.get(["a"]))?.value), "from onLost");
});

Deno.test("a waiter that is notified of a commit may append and wait at once", async () => {
  const { queue, write, wait, told } = setUp();
  queue.whenDurable(write("a"), () => {
    told.push("ok first");
    wait(write("b"));
    wait(1, "known already");
  }, () => {});
  await queue.reached(1);
  await queue.flush();
  assert.deepEqual(told, ["ok first", "ok known already", "ok 2"]);
});

Deno.test("a waiter added during notification is notified after earlier ones", async () => {
  const { queue, write, wait, told } = setUp();
  queue.whenDurable(write("a"), () => wait(1, "asked by the first"), () => {});
  wait(1, "second");
  await queue.flush();
  assert.deepEqual(told, ["ok second", "ok asked by the first"]);
});

Deno.test("a disk that stays full is logged once, and once more when it takes writes again", async () => {
  const lines: string[] = [];
  const storage = new FaultyStorage(memoryStorage());
  const queue = new CommitQueue(storage, {
    log: createLog(({ level, message }) => lines.push(`${level} ${message}`), () => 0),
    onLost() {},
  });
  storage.failCommits(20, full);
  for (let i = 0; i < 22; i++) await queue.reached(queue.append([state("a", ["a"], "x")])).catch(() => {});
  assert.deepEqual(lines, ["error commit failed", "info commits succeed again"]);
});

Deno.test("a waiter that throws does not keep the others from being told", async () => {
  const { storage, queue, write, wait, told } = setUp();
  const fail = () => {
    throw new Error("a waiter failed");
  };
  queue.whenDurable(write("a"), fail, fail);
  wait(1);
  await queue.flush();
  storage.failCommits(1);
  queue.whenDurable(write("b"), fail, fail);
  wait(2);
  await queue.flush().catch(() => {});
  assert.deepEqual(told, ["ok 1", "onLost 2-2 storage", "lost 2 storage"]);
});

Deno.test("an onLost that throws does not keep the waiters from being told", async () => {
  const storage = new FaultyStorage(memoryStorage());
  const queue = new CommitQueue(storage, {
    log,
    onLost() {
      throw new Error("onLost failed");
    },
  });
  storage.failCommits(1);
  await assert.rejects(queue.reached(queue.append([state("a", ["a"], "x")])), { code: "storage" });
  await queue.reached(queue.append([state("a", ["a"], "x")]));
});

Deno.test("what is not an error of the table becomes one, with its cause", async () => {
  const { storage, queue, write } = setUp();
  const cause = new Error("a cable came loose");
  storage.failCommits(1, cause);
  await assert.rejects(queue.reached(write("a")), (error: DenizenError) => {
    assert.equal(error.code, "storage");
    assert.equal(error.cause, cause);
    return true;
  });
});

Deno.test("more writes than COMMIT_BACKLOG_MAX do not wait", async () => {
  const { storage, queue, write } = setUp();
  storage.holdCommits();
  write("first");
  await settle();
  for (let i = 0; i < COMMIT_BACKLOG_MAX; i++) write(String(i));
  const position = queue.position;
  assert.throws(() => write("one more"), { code: "overloaded" });
  assert.throws(() => queue.append([state("x", ["x"], "x")]), { code: "overloaded" });
  assert.equal(queue.position, position);
  storage.release();
  await queue.flush();
  await queue.reached(write("one more"));
});

Deno.test("more bytes than COMMIT_BACKLOG_BYTES_MAX do not wait, but one write of any size does", async () => {
  const { storage, queue, write } = setUp();
  storage.holdCommits();
  write("first");
  await settle();
  const half = new Uint8Array(COMMIT_BACKLOG_BYTES_MAX / 2 + 1);
  write("a", half);
  assert.throws(() => write("b", half), { code: "overloaded" });
  assert.throws(() => write("a", half), { code: "overloaded" });
  write("c", "small");
  storage.release(1);
  await settle();
  storage.crash();
  await queue.flush().catch(() => {});
  write("larger than all", new Uint8Array(COMMIT_BACKLOG_BYTES_MAX + 1));
});

Deno.test("a key that no store takes is refused at its append, and fails no other commit", async () => {
  const { queue, write, read } = setUp();
  write("a");
  for (const key of [[], [""], ["\ud800"], ["x".repeat(STORAGE_KEY_BYTES_MAX)]]) {
    assert.throws(() => queue.append([state("bad", key, "x")]), { code: "invalid_argument" });
    const group = [state("good", ["good"], "x"), state("bad", key, "x")];
    assert.throws(() => queue.append(group), { code: "invalid_argument" });
  }
  await queue.flush();
  assert.equal(queue.position, 1);
  assert.equal(await read("a"), "x");
});

Deno.test("a closed queue keeps what it has and takes no more", async () => {
  const { queue, write, read } = setUp();
  write("a");
  await queue.close();
  assert.equal(await read("a"), "x");
  assert.throws(() => write("b"), { code: "draining" });
});

Deno.test("a close does not fail when the last commit does", async () => {
  const { storage, queue, write } = setUp();
  storage.failCommits(1);
  write("a");
  await queue.close();
  assert.ok(queue.lossOf(1));
});

Deno.test("after any failure, what is durable is a prefix of what was appended since the last loss", async () => {
  const seed = Math.floor(systemClock.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const chance = new VirtualClock({ seed });
  const pick = (count: number) => Math.floor(chance.random() * count);
  const storage = new FaultyStorage(memoryStorage());
  /** What the process believes, and what it is set back to. */
  let believed: Record<string, string> = {};
  const kept: Record<string, string>[] = [{}];
  const outcomes = new Map<number, string>();
  const queue: CommitQueue = new CommitQueue(storage, {
    log,
    onLost(from, to) {
      believed = { ...kept[from - 1] };
      for (let position = from; position <= to; position++) kept[position] = kept[from - 1]!;
    },
  });
  storage.holdCommits();
  for (let step = 0; step < 3_000; step++) {
    const id = `p${pick(5)}`;
    believed[id] = String(step);
    const position = queue.append([state(id, ["k", id], String(step))]);
    kept[position] = { ...believed };
    queue.whenDurable(position, () => outcomes.set(position, "ok"), () => outcomes.set(position, "lost"));
    if (pick(40) === 0) storage.failCommits(1);
    if (pick(3) === 0) {
      storage.release(1);
      await settle();
      const stored: Record<string, string> = {};
      for await (const { key, value } of storage.list({ prefix: ["k"] })) {
        stored[key[1]!] = new TextDecoder().decode(value);
      }
      assert.deepEqual(stored, kept[queue.durable], `after step ${step}`);
    }
  }
  storage.release();
  await queue.flush().catch(() => {});
  assert.equal(outcomes.size, queue.position);
  for (const [position, outcome] of outcomes) {
    assert.equal(outcome === "lost", queue.lossOf(position) !== undefined);
  }
});
