/** A worker whose pack was stopped in the middle of its code ends, and takes no more of the machine. */
import { needsCompilers } from "@denizen/pack-sdk/testing";
import assert from "node:assert/strict";
import { builtFixture, loaded, rejects } from "./built_packs.ts";

const needsC = needsCompilers("c");
const ENDS_WITHIN_MS = 20_000;

/** The threads of this process that are workers, by their numbers. */
async function workers(): Promise<Set<string>> {
  // Deno itself may not look into /proc without every permission.
  const script = 'cd "/proc/$0/task" && grep -l "^worker-" */comm';
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script, String(Deno.pid)] }).output();
  return new Set(new TextDecoder().decode(stdout).split("\n").filter((line) => line !== ""));
}

async function untilGone(worker: ReadonlySet<string>): Promise<boolean> {
  const patience = performance.now() + ENDS_WITHIN_MS;
  while (performance.now() < patience) {
    if ((await workers()).isDisjointFrom(worker)) return true;
  }
  return false;
}

Deno.test("the thread of a pack that loops without end is gone after its time limit", {
  ignore: needsC.ignore || Deno.build.os !== "linux",
}, async () => {
  await using all = await loaded([{ path: await builtFixture(), mode: "wasm", timeLimitMs: 300 }]);
  const warm = await all.packs.actor("fixture.loop");
  const worker = await workers();
  assert.ok(worker.size > 0, "the pack has a worker");
  await rejects(warm.run({}), "pack_timeout", /300 ms/);
  assert.ok(await untilGone(worker), "its thread is gone");
});
