import assert from "node:assert/strict";
import { DenizenError } from "../errors.ts";
import { FENCE_LEASE_MS, FENCE_RENEW_MS, FENCE_TAKE_OVER_MS } from "../limits.ts";
import { createLog, silentSink } from "../log.ts";
import { memoryStorage } from "../storage/memory.ts";
import type { Storage, Write } from "../storage/storage.ts";
import { type CommitFault, FaultyStorage } from "../testing/faulty_storage.ts";
import { settle, VirtualClock } from "../testing/virtual_clock.ts";
import { systemClock } from "../world/clock.ts";
import { CommitQueue } from "./commit_queue.ts";
import type { Effect } from "./effect.ts";
import { Fence } from "./fence.ts";
import { FENCE_KEY } from "./fence_record.ts";

const log = createLog(silentSink, () => 0);
const put = (id: string, value = "x"): Write => ({ key: ["k", id], value: new TextEncoder().encode(value) });

/** Machines with clocks of their own in front of one store. */
function setUp({ shared = true } = {}) {
  const store = memoryStorage("store");
  const machine = (seed: number) => {
    const clock = new VirtualClock({ seed, start: seed * 1e11 });
    const storage = new FaultyStorage(store, { shared });
    const claim = (takeOver = false) => Fence.claim(storage, { clock, log, node: `node ${seed}`, takeOver });
    return { clock, storage, claim };
  };
  const read = async (id: string) => {
    const entry = await store.get(["k", id]);
    return entry && new TextDecoder().decode(entry.value);
  };
  return { store, one: machine(1), two: machine(2), read };
}

type Machines = ReturnType<typeof setUp>;

/** Moves the clocks of both machines on together. */
async function pass({ one, two }: Machines, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    await one.clock.advance(50);
    await two.clock.advance(50);
  }
}

const isLost = { code: "lost_ownership" };

const state = (value: string): Effect => ({ kind: "state", id: "a", key: ["k", "a"], value });

Deno.test("every commit on a shared store checks the record of the owner and replaces it", async () => {
  const { one, store, read } = setUp();
  const fence = await one.claim();
  const version = async () => (await store.get(FENCE_KEY))!.version;
  let last = await version();
  for (const id of ["a", "b", "c"]) {
    assert.ok((await fence.commit([put(id)])).ok);
    assert.equal(await read(id), "x");
    assert.deepEqual(one.storage.commits.at(-1)!.checks, [{ key: FENCE_KEY, version: last }]);
    assert.notEqual(await version(), last);
    last = await version();
  }
});

Deno.test("a second node is refused while the owner renews its lease, and learns who the owner is", async () => {
  const machines = setUp();
  const { one, two } = machines;
  const fence = await one.claim();
  const refused = assert.rejects(two.claim(), (error: DenizenError) => {
    assert.equal(error.code, "data_locked");
    assert.match(error.message, /^Cannot open store as node "node 1" owns it: its lease ends at \d{4}-/);
    assert.equal(error.data!.node, "node 1");
    return true;
  });
  await pass(machines, FENCE_TAKE_OVER_MS);
  await refused;
  assert.equal(fence.lost, undefined);
  assert.ok((await fence.commit([put("a")])).ok);
});

Deno.test("a node waits for the lease of one that was killed, and then owns the store", async () => {
  const machines = setUp();
  (await machines.one.claim()).abandon();
  let claimed: Fence | undefined;
  machines.two.claim().then((fence) => claimed = fence);
  await pass(machines, FENCE_TAKE_OVER_MS - 200);
  assert.equal(claimed, undefined);
  await pass(machines, 400);
  assert.ok((await claimed!.commit([put("a")])).ok);
});

Deno.test("a store that was given back is claimed at once", async () => {
  const { one, two } = setUp();
  const first = await one.claim();
  await first.commit([put("a")]);
  await first.release();
  assert.ok((await (await two.claim()).commit([put("b")])).ok);
});

Deno.test("a store that does not answer when it is given back holds nobody up for longer than the lease", async () => {
  const { one, two } = setUp();
  const first = await one.claim();
  one.storage.holdCommits();
  let released = false;
  first.release().then(() => released = true);
  await one.clock.advance(FENCE_LEASE_MS + 250);
  assert.ok(released);
  one.storage.release();
  await settle();
  assert.ok((await (await two.claim()).commit([put("a")])).ok);
});

Deno.test("a store that only this program reaches is claimed at once, and its former owner is fenced", async () => {
  const { one, two, read } = setUp({ shared: false });
  const first = await one.claim();
  const second = await two.claim();
  await assert.rejects(first.commit([put("a", "first")]), isLost);
  assert.ok((await second.commit([put("a", "second")])).ok);
  assert.equal(await read("a"), "second");
  assert.deepEqual([one.clock.pending, two.clock.pending], [0, 0], "there is no lease to renew");
});

Deno.test("of nodes that claim a free store at once, one gets it", async () => {
  const machines = setUp();
  const claims = [machines.one.claim(), machines.two.claim()];
  const settled = Promise.allSettled(claims);
  await pass(machines, 2 * FENCE_TAKE_OVER_MS);
  assert.deepEqual((await settled).map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

Deno.test("a node whose store is taken over stops within 5 s, and writes nothing more", async () => {
  const machines = setUp();
  const first = await machines.one.claim();
  await first.commit([put("a", "first")]);
  const second = await machines.two.claim(true);
  await pass(machines, FENCE_RENEW_MS + 250);
  assert.equal(first.lost?.code, "lost_ownership");
  assert.match(first.lost!.message, /node "node 2" took it over: epoch 2 after 1$/);
  const sent = machines.one.storage.commits.length;
  await assert.rejects(first.commit([put("a", "late")]), isLost);
  await pass(machines, 10_000);
  assert.equal(machines.one.storage.commits.length, sent);
  assert.equal(await machines.read("a"), "first");
  assert.ok((await second.commit([put("a", "second")])).ok);
});

Deno.test("an owner that cannot reach the store stops before another may take it over", async () => {
  const machines = setUp();
  const { one, two } = machines;
  const first = await one.claim();
  const told: string[] = [];
  first.whenLost(({ code }) => told.push(code));
  await pass(machines, 10_000);
  assert.equal(first.lost, undefined);
  one.storage.holdCommits();
  const hanging = assert.rejects(first.commit([put("a", "hanging")]), isLost);
  let claimed: Fence | undefined;
  two.claim().then((fence) => claimed = fence);
  for (let ms = 0; claimed === undefined; ms += 50) {
    assert.ok(ms < FENCE_TAKE_OVER_MS + 100);
    if (ms >= FENCE_LEASE_MS) assert.ok(first.lost !== undefined, `${ms} ms`);
    await pass(machines, 50);
  }
  await hanging;
  assert.deepEqual(told, ["lost_ownership"]);
  first.whenLost(({ code }) => told.push(`again ${code}`));
  assert.equal(told.length, 2);
  // What the network held back arrives after all, and is refused by the store.
  one.storage.release();
  await settle();
  assert.equal(await machines.read("a"), undefined);
  assert.ok((await claimed.commit([put("a", "second")])).ok);
});

Deno.test("a node that stood still for longer than its lease does not answer when it goes on", async () => {
  const { one } = setUp();
  const fence = await one.claim();
  const timers = one.clock.pending;
  // No timer runs, as when the program was stopped.
  const { monotonic } = one.clock;
  one.clock.monotonic = () => monotonic.call(one.clock) + FENCE_LEASE_MS;
  assert.equal(fence.lost?.code, "lost_ownership");
  assert.ok(timers > 0);
});

Deno.test("steps of the wall clock neither end a lease nor keep it", async () => {
  const machines = setUp();
  const { one, two } = machines;
  const fence = await one.claim();
  for (const step of [3_600_000, -7_200_000]) {
    one.clock.stepWall(step);
    two.clock.stepWall(-step);
    await pass(machines, 6_000);
    assert.equal(fence.lost, undefined);
    const refused = assert.rejects(two.claim(), { code: "data_locked" });
    await pass(machines, 2_000);
    await refused;
  }
});

/** Every way in which a commit over a network can fail, and whether it was made. */
const FAULTS: readonly { readonly fault: CommitFault; readonly made: boolean }[] = [
  { fault: { made: "never" }, made: false },
  { fault: { made: "before" }, made: true },
  { fault: { made: "later" }, made: false },
  { fault: { made: "twice" }, made: true },
];

for (const { fault, made } of FAULTS) {
  Deno.test(`the outcome of a commit that is made ${fault.made} is determined, and stays as it was reported`, async () => {
    const { one, read } = setUp();
    const fence = await one.claim();
    one.storage.faultCommit(fault);
    const outcome = fence.commit([put("a")]).then(({ ok }) => ok, () => false);
    assert.equal(await outcome, made);
    assert.equal(await one.storage.makeLate(), 0, "a commit that was reported lost is not applied later");
    assert.equal(await read("a"), made ? "x" : undefined);
    assert.ok((await fence.commit([put("b")])).ok);
    assert.equal(await one.storage.makeLate(), 0);
    assert.equal(await read("a"), made ? "x" : undefined);
  });

  Deno.test(`the outcome of a commit that is made ${fault.made} is found out when the store answers again`, async () => {
    const { one, read } = setUp();
    const fence = await one.claim();
    one.storage.faultCommit(fault);
    one.storage.failReads(5);
    const outcome = fence.commit([put("a")]).then(({ ok }) => ok, () => false);
    await one.clock.advance(2_000);
    assert.equal(await outcome, made);
    assert.equal(await one.storage.makeLate(), 0);
    assert.equal(await read("a"), made ? "x" : undefined);
    assert.equal(fence.lost, undefined);
  });

  Deno.test(`a claim that is made ${fault.made} owns the store or fails`, async () => {
    const { one } = setUp();
    one.storage.faultCommit(fault);
    const claimed = await one.claim().catch(() => undefined);
    assert.equal(claimed !== undefined, made);
    if (claimed) assert.ok((await claimed.commit([put("a")])).ok);
  });
}

Deno.test("an outcome that stays unknown ends the ownership", async () => {
  const { one } = setUp();
  const fence = await one.claim();
  one.storage.faultCommit({ made: "before" });
  one.storage.failReads(1_000);
  const failed = assert.rejects(fence.commit([put("a")]), isLost);
  await one.clock.advance(FENCE_LEASE_MS + 250);
  await failed;
});

Deno.test("a full disk costs the commits that fail, and not the ownership", async () => {
  const { one, read } = setUp({ shared: false });
  const fence = await one.claim();
  const full = new DenizenError("disk_full", "Cannot commit as the disk is full");
  one.storage.failCommits(3, full);
  one.storage.failReads(1);
  for (let i = 0; i < 3; i++) await assert.rejects(fence.commit([put("a")]), full);
  assert.ok((await fence.commit([put("a", "kept")])).ok);
  assert.equal(await read("a"), "kept");
});

Deno.test("the version of a commit that left several is read before the next", async () => {
  const { store, one } = setUp();
  const several: Storage = {
    name: store.name,
    shared: true,
    get: (key) => one.storage.get(key),
    list: (options) => store.list(options),
    commit: async (writes, checks) => {
      const { ok } = await store.commit(writes, checks);
      return ok ? { ok } : { ok, conflict: FENCE_KEY };
    },
    watch: (key) => store.watch(key),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const fence = await Fence.claim(several, { clock: one.clock, log, node: "one" });
  assert.ok((await fence.commit([put("a")])).ok);
  one.storage.failReads(1);
  await assert.rejects(fence.commit([put("b")]), { code: "storage" });
  assert.ok((await fence.commit([put("b")])).ok);
  fence.abandon();
});

Deno.test("every commit on a store of one machine checks the record of the owner and leaves it", async () => {
  const { one, store } = setUp({ shared: false });
  const fence = await one.claim();
  const { version } = (await store.get(FENCE_KEY))!;
  for (const id of ["a", "b"]) {
    await fence.commit([put(id)]);
    const { writes, checks } = one.storage.commits.at(-1)!;
    assert.deepEqual(checks, [{ key: FENCE_KEY, version }]);
    assert.deepEqual(writes, [put(id)]);
  }
});

Deno.test("a foreign, damaged or missing owner record is not taken for one's own", async () => {
  const { store, one } = setUp();
  await store.commit([{ key: FENCE_KEY, value: new TextEncoder().encode('{"epoch":1}') }]);
  await assert.rejects(one.claim(), { code: "data_corrupt" });
  await store.commit([{ key: FENCE_KEY, value: null }]);
  const fence = await one.claim();
  await store.commit([{ key: FENCE_KEY, value: null }]);
  await assert.rejects(fence.commit([put("a")]), { code: "lost_ownership", message: /is gone$/ });
});

Deno.test("a queue whose ownership is lost tells everybody, and neither takes nor confirms anything more", async () => {
  const machines = setUp();
  const fence = await machines.one.claim();
  const told: string[] = [];
  const queue = new CommitQueue(fence, {
    log,
    onLost: (from, to, { code }) => told.push(`onLost ${from}-${to} ${code}`),
  });
  const durable = queue.append([state("1")]);
  await queue.reached(durable);
  await machines.two.claim(true);
  const lost = queue.append([state("2")]);
  queue.whenDurable(lost, () => told.push("ok"), ({ code }) => told.push(code));
  await assert.rejects(queue.reached(lost), isLost);
  assert.deepEqual(told, ["onLost 2-2 lost_ownership", "lost_ownership"]);
  assert.throws(() => queue.append([state("3")]), isLost);
  for (const position of [0, durable]) await assert.rejects(queue.reached(position), isLost);
  assert.equal(queue.ownershipLost?.code, "lost_ownership");
  assert.equal(await machines.read("a"), "1");
});

Deno.test("under any network fault, owners learn true outcomes, and a former owner writes nothing", async () => {
  const seed = Math.floor(systemClock.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const chance = new VirtualClock({ seed });
  const pick = (count: number) => Math.floor(chance.random() * count);
  for (let round = 0; round < 30; round++) {
    const machines = setUp();
    const { one, two } = machines;
    const outcomes = new Map<string, "made" | "lost" | "unknown" | "impossible">();
    const running: Promise<void>[] = [];
    const write = (fence: Fence, outcome?: "impossible") => {
      const id = String(running.length);
      if (outcome) outcomes.set(id, outcome);
      const told = (what: "made" | "lost" | "unknown") => void outcomes.set(id, outcome ?? what);
      running.push(
        fence.commit([put(id)]).then(
          () => told("made"),
          ({ code }) => told(code === "lost_ownership" ? "unknown" : "lost"),
        ),
      );
    };
    const disturb = async (storage: FaultyStorage) => {
      if (pick(3) === 0) storage.faultCommit(FAULTS[pick(FAULTS.length)]!.fault);
      if (pick(5) === 0) storage.failReads(pick(3));
      if (pick(10) === 0) await storage.makeLate();
      await pass(machines, 50 * pick(8));
    };
    const first = await one.claim();
    for (let i = pick(12); i > 0; i--) {
      write(first);
      await disturb(one.storage);
    }
    const second = await two.claim(true);
    for (let i = 0; i < 8; i++) {
      write(first, "impossible");
      write(second);
      await disturb(pick(2) ? one.storage : two.storage);
    }
    await pass(machines, FENCE_LEASE_MS + 500);
    await Promise.all(running);
    await Promise.all([one.storage.makeLate(), two.storage.makeLate()]);
    assert.equal(first.lost?.code, "lost_ownership");
    for (const [id, outcome] of outcomes) {
      const isThere = await machines.read(id) !== undefined;
      if (outcome !== "unknown") {
        assert.equal(isThere, outcome === "made", `round ${round}: ${id} ${outcome}`);
      }
    }
  }
});
