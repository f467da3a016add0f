import assert from "node:assert/strict";
import { settle, VirtualClock } from "./virtual_clock.ts";

Deno.test("timers run in the order of their times, and at them", async () => {
  const clock = new VirtualClock({ start: 1_000 });
  const rang: [string, number][] = [];
  const ring = (name: string) => () => rang.push([name, clock.now()]);
  clock.after(30, ring("late"));
  clock.after(10, ring("early"));
  clock.after(10, ring("early too"));
  clock.after(0, ring("at once"));
  await clock.advance(20);
  assert.deepEqual(rang, [["at once", 1_000], ["early", 1_010], ["early too", 1_010]]);
  assert.equal(clock.now(), 1_020);
  await clock.advance(10);
  assert.deepEqual(rang.at(-1), ["late", 1_030]);
  assert.equal(clock.pending, 0);
});

Deno.test("a timer that was cancelled does not run", async () => {
  const clock = new VirtualClock();
  const cancel = clock.after(10, () => assert.fail("it ran"));
  cancel();
  cancel();
  await clock.advance(100);
});

Deno.test("what a timer sets off settles before the next timer runs", async () => {
  const clock = new VirtualClock();
  const events: string[] = [];
  clock.after(10, async () => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
    events.push("settled");
    clock.after(5, () => events.push("started by the first"));
  });
  clock.after(20, () => events.push("second"));
  await clock.advance(20);
  assert.deepEqual(events, ["settled", "started by the first", "second"]);
});

Deno.test("a timer that starts itself again runs once a period", async () => {
  const clock = new VirtualClock();
  let rang = 0;
  const again = () => {
    rang++;
    clock.after(10, again);
  };
  clock.after(10, again);
  await clock.advance(100);
  assert.equal(rang, 10);
});

Deno.test("advanceToNext goes to the next timer, if there is one", async () => {
  const clock = new VirtualClock({ start: 0 });
  clock.after(70, () => {});
  assert.equal(await clock.advanceToNext(), true);
  assert.equal(clock.now(), 70);
  assert.equal(await clock.advanceToNext(), false);
});

Deno.test("the same seed gives the same chance, another one another", () => {
  const draw = (seed: number) => {
    const clock = new VirtualClock({ seed });
    return [clock.random(), clock.uuid(), clock.random()];
  };
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

Deno.test("numbers spread over 0 to 1, and ids are version 4 UUIDs", () => {
  const clock = new VirtualClock({ seed: 0 });
  const buckets = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) buckets[Math.floor(clock.random() * 10)]!++;
  for (const count of buckets) assert.ok(count > 800 && count < 1_200, buckets.join(" "));
  const ids = Array.from({ length: 1_000 }, () => clock.uuid());
  assert.equal(new Set(ids).size, 1_000);
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

Deno.test("settle waits for promises that lead to promises", async () => {
  let done = false;
  (async () => {
    for (let i = 0; i < 1_000; i++) await Promise.resolve();
    done = true;
  })();
  await settle();
  assert.ok(done);
});

Deno.test("setting the wall clock moves neither monotonic time nor the timers", async () => {
  const clock = new VirtualClock({ start: 1_000_000 });
  const rang: [number, number][] = [];
  clock.after(100, () => rang.push([clock.monotonic(), clock.now()]));
  clock.stepWall(-600_000);
  assert.deepEqual([clock.monotonic(), clock.now()], [0, 400_000]);
  await clock.advance(99);
  assert.deepEqual(rang, []);
  await clock.advance(1);
  assert.deepEqual(rang, [[100, 400_100]]);
});
