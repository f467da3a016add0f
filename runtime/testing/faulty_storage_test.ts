import assert from "node:assert/strict";
import { memoryStorage } from "../storage/memory.ts";
import { FaultyStorage } from "./faulty_storage.ts";
import { settle } from "./virtual_clock.ts";

const write = (name: string) => [{ key: [name], value: new Uint8Array([1]) }];
const outcomes = (storage: FaultyStorage) => storage.commits.map(({ outcome }) => outcome);

Deno.test("it fails the requested number of commits, and they write nothing", async () => {
  const storage = new FaultyStorage(memoryStorage());
  const error = new Error("mine");
  storage.failCommits(1);
  storage.failCommits(1, error);
  await assert.rejects(storage.commit(write("a")), { code: "storage" });
  await assert.rejects(storage.commit(write("a")), error);
  assert.equal(await storage.get(["a"]), undefined);
  await storage.commit(write("a"));
  assert.deepEqual(outcomes(storage), ["failed", "failed", "done"]);
});

Deno.test("it fails reads and lists", async () => {
  const storage = new FaultyStorage(memoryStorage());
  storage.failReads(2);
  await assert.rejects(storage.get(["a"]), { code: "storage" });
  await assert.rejects(Array.fromAsync(storage.list({ prefix: [] })), { code: "storage" });
  assert.deepEqual(await Array.fromAsync(storage.list({ prefix: [] })), []);
});

Deno.test("commits wait at the gate and go on in order", async () => {
  const storage = new FaultyStorage(memoryStorage());
  storage.holdCommits();
  const done: string[] = [];
  const commit = (name: string) => storage.commit(write(name)).then(() => done.push(name));
  for (const name of ["a", "b", "c"]) commit(name);
  await settle();
  assert.deepEqual([done, storage.held], [[], 3]);
  storage.release(2);
  await settle();
  assert.deepEqual([done, storage.held], [["a", "b"], 1]);
  storage.release();
  await commit("d");
  assert.deepEqual(done, ["a", "b", "c", "d"]);
});

Deno.test("after a crash nothing reaches the storage, but what was under way may have", async () => {
  const inner = memoryStorage();
  const storage = new FaultyStorage(inner);
  storage.holdCommits();
  const waiting = ["a", "b"].map((name) => assert.rejects(storage.commit(write(name)), { code: "storage" }));
  await storage.crash({ applyHeld: 1 });
  await Promise.all(waiting);
  await assert.rejects(storage.commit(write("c")), { code: "storage" });
  await assert.rejects(storage.get(["a"]), { code: "storage" });
  assert.deepEqual((await Array.fromAsync(inner.list({ prefix: [] }))).map(({ key }) => key), [["a"]]);
  assert.deepEqual(outcomes(storage), ["dropped", "dropped", "dropped"]);
});

Deno.test("it records conflicts as conflicts", async () => {
  const storage = new FaultyStorage(memoryStorage());
  await storage.commit(write("a"));
  await storage.commit(write("a"), [{ key: ["a"], version: null }]);
  assert.deepEqual(outcomes(storage), ["done", "conflict"]);
});
