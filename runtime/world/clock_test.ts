/** The machine's clock. Its time is real, so little is waited for. */
import assert from "node:assert/strict";
import { monotonicTimeOf, systemClock, wallTimeOf } from "./clock.ts";

/** The clock's timers do not keep the program alive: one of the test's own does. */
function soon(): Promise<void> {
  const alive = setTimeout(() => assert.fail("the timer did not fire"), 10_000);
  return new Promise((resolve) => {
    systemClock.after(2, () => {
      clearTimeout(alive);
      resolve();
    });
  });
}

Deno.test("a delay that setTimeout cannot wait for does not end at once", async () => {
  const cancels = [2 ** 31, 2 ** 53, Infinity].map((delayMs) =>
    systemClock.after(delayMs, () => assert.fail(`it ran: ${delayMs}`))
  );
  await soon();
  for (const cancel of cancels) cancel();
});

Deno.test("a delay of 100 days is waited for in parts that add up to it", () => {
  const { setTimeout } = globalThis;
  const asked: { run: () => void; ms: number }[] = [];
  const recorded = (run: () => void, ms: number) => asked.push({ run, ms });
  globalThis.setTimeout = recorded as unknown as typeof setTimeout;
  try {
    const delayMs = 100 * 24 * 3_600_000;
    let ran = 0;
    systemClock.after(delayMs, () => ran++);
    for (let part = 0; part < asked.length; part++) {
      assert.ok(asked[part]!.ms <= 2 ** 31 - 1);
      assert.equal(ran, 0);
      asked[part]!.run();
    }
    assert.equal(ran, 1);
    assert.equal(asked.length, 5);
    assert.equal(asked.reduce((sum, { ms }) => sum + ms, 0), delayMs);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

Deno.test("monotonic time advances when the wall clock is set, and when it stops", async () => {
  const { now } = Date;
  try {
    const start = systemClock.monotonic();
    Date.now = () => 1_000;
    await soon();
    const stopped = systemClock.monotonic();
    await soon();
    const later = systemClock.monotonic();
    Date.now = () => -3_600_000;
    const back = systemClock.monotonic();
    assert.ok(start < stopped && stopped < later && later <= back, `${[start, stopped, later, back]}`);
    assert.ok(back - start < 1_000);
  } finally {
    Date.now = now;
  }
});

Deno.test("a deadline becomes wall time and back, and none stays none", () => {
  const deadline = systemClock.monotonic() + 30_000;
  const wall = wallTimeOf(systemClock, deadline);
  assert.ok(Math.abs(wall - systemClock.now() - 30_000) < 100);
  assert.ok(Math.abs(monotonicTimeOf(systemClock, wall) - deadline) < 100);
  assert.equal(wallTimeOf(systemClock, Infinity), Infinity);
  assert.equal(monotonicTimeOf(systemClock, Infinity), Infinity);
});
