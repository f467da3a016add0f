import assert from "node:assert/strict";
import { Backoff } from "./backoff.ts";

Deno.test("a backoff doubles from 1 s to 10 min and stays there", () => {
  const backoff = new Backoff();
  const delays = Array.from({ length: 13 }, () => backoff.crashed(0) / 1_000);
  assert.deepEqual(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
});

Deno.test("a backoff begins anew after a healthy minute, and only then", () => {
  const backoff = new Backoff();
  backoff.crashed(0);
  backoff.crashed(0);
  backoff.started(100_000);
  assert.equal(backoff.crashed(159_999), 4_000);
  backoff.started(200_000);
  assert.equal(backoff.crashed(260_000), 1_000);
  assert.equal(backoff.crashed(900_000), 2_000, "time in which it did not run is not healthy");
});
