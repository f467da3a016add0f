import assert from "node:assert/strict";
import { VirtualClock } from "@denizen/runtime/testing";
import { Restarts } from "./restarts.ts";

const nothing = () => {};

Deno.test("the time until a restart doubles from 1 s to 10 min and stays there", () => {
  const restarts = new Restarts(new VirtualClock());
  const delays = Array.from({ length: 13 }, () => restarts.crashed(nothing) / 1_000);
  assert.deepEqual(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
});

Deno.test("the time until a restart is short again after a healthy minute, and only then", async () => {
  const clock = new VirtualClock();
  const restarts = new Restarts(clock);
  restarts.crashed(nothing);
  restarts.crashed(nothing);
  restarts.started();
  await clock.advance(59_999);
  assert.equal(restarts.crashed(nothing), 4_000);
  restarts.started();
  await clock.advance(60_000);
  assert.equal(restarts.crashed(nothing), 1_000);
  await clock.advance(640_000);
  assert.equal(restarts.crashed(nothing), 2_000, "time in which it did not run is not healthy");
});

Deno.test("a restart comes when it was said to, once, and not if it was cancelled", async () => {
  const clock = new VirtualClock();
  const restarts = new Restarts(clock);
  let starts = 0;
  const delayMs = restarts.crashed(() => starts++);
  await clock.advance(delayMs - 1);
  assert.equal(starts, 0);
  await clock.advance(1_000_000);
  assert.equal(starts, 1);
  restarts.crashed(() => starts++);
  restarts.cancel();
  await clock.advance(1_000_000);
  assert.equal(starts, 1);
});

Deno.test("an hour that the wall clock is set forward or back counts as no time", async () => {
  const clock = new VirtualClock();
  const restarts = new Restarts(clock);
  restarts.crashed(nothing);
  restarts.started();
  clock.stepWall(3_600_000);
  assert.equal(restarts.crashed(nothing), 2_000, "it was not healthy for a minute");
  restarts.started();
  clock.stepWall(-7_200_000);
  await clock.advance(60_000);
  assert.equal(restarts.crashed(nothing), 1_000, "it was");
});
