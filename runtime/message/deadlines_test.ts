import assert from "node:assert/strict";
import { VirtualClock } from "@denizen/runtime/testing";
import { DenizenError } from "../errors.ts";
import { Deadlines, type Expiring } from "./deadlines.ts";

interface Scene {
  readonly clock: VirtualClock;
  readonly deadlines: Deadlines;
  /** `name at milliseconds`, in the order in which they expired. */
  readonly expired: string[];
  /** Its deadline is so many milliseconds after the start of the clock. */
  item(name: string, afterMs: number): Expiring;
}

function scene(): Scene {
  const clock = new VirtualClock();
  const expired: string[] = [];
  return {
    clock,
    deadlines: new Deadlines(clock),
    expired,
    item: (name, afterMs) => ({
      deadline: afterMs,
      expire: () => expired.push(`${name} at ${clock.monotonic()}`),
      abandon: ({ code }) => expired.push(`${name} ${code}`),
    }),
  };
}

Deno.test("a deadline passes at its time or at most 10 ms late, never before", async () => {
  const { clock, deadlines, expired, item } = scene();
  for (const afterMs of [0, 1, 10, 11, 95, 30_000]) deadlines.add(item(`${afterMs}`, afterMs));
  await clock.advance(40_000);
  assert.deepEqual(expired, ["0 at 0", "1 at 10", "10 at 10", "11 at 20", "95 at 100", "30000 at 30000"]);
});

Deno.test("one that is removed does not pass, and one timer serves all", async () => {
  const { clock, deadlines, expired, item } = scene();
  const items = Array.from({ length: 100 }, (_, at) => item(`${at}`, 100 + at));
  for (const one of items) deadlines.add(one);
  assert.equal(clock.pending, 1);
  for (const one of items.slice(1)) deadlines.remove(one);
  deadlines.remove(item("stranger", 105));
  await clock.advance(1_000);
  assert.deepEqual(expired, ["0 at 100"]);
  assert.equal(clock.pending, 0);
});

Deno.test("an earlier one that comes later passes first", async () => {
  const { clock, deadlines, expired, item } = scene();
  deadlines.add(item("late", 500));
  deadlines.add(item("early", 50));
  await clock.advance(100);
  deadlines.add(item("middle", 300));
  await clock.advance(1_000);
  assert.deepEqual(expired, ["early at 50", "middle at 300", "late at 500"]);
});

Deno.test("one that has passed already when it comes passes at once", async () => {
  const { clock, deadlines, expired, item } = scene();
  await clock.advance(1_000);
  deadlines.add(item("past", 10));
  await clock.advance(0);
  assert.deepEqual(expired, ["past at 1000"]);
});

Deno.test("one may add and remove others while it passes", async () => {
  const { clock, deadlines, expired, item } = scene();
  const other = item("other", 100);
  const first = item("first", 50);
  deadlines.add({
    ...first,
    expire() {
      first.expire();
      deadlines.remove(other);
      deadlines.add(item("new", 60));
    },
  });
  deadlines.add(other);
  await clock.advance(1_000);
  assert.deepEqual(expired, ["first at 50", "new at 60"]);
});

Deno.test("closed deadlines abandon what they watch and what comes later, and leave no timer", async () => {
  const { clock, deadlines, expired, item } = scene();
  deadlines.add(item("a", 100));
  deadlines.add(item("b", 50));
  deadlines.close(new DenizenError("draining", "Cannot wait as the node stops"));
  deadlines.add(item("c", 10));
  await clock.advance(1_000);
  assert.deepEqual(expired, ["a draining", "b draining", "c draining"]);
  assert.equal(clock.pending, 0);
});

Deno.test("the wall clock may step back or forth by an hour: deadlines pass when they would have", async () => {
  for (const step of [-3_600_000, 3_600_000]) {
    const { clock, deadlines, expired, item } = scene();
    deadlines.add(item("before", 500));
    clock.stepWall(step);
    deadlines.add(item("after", 300));
    await clock.advance(400);
    assert.deepEqual(expired, ["after at 300"]);
    clock.stepWall(-step);
    await clock.advance(600);
    assert.deepEqual(expired, ["after at 300", "before at 500"]);
  }
});
