/**
 * Random graphs of calls over a few processes: every call ends without time passing, nothing overlaps, no
 * money is lost.
 */
import assert from "node:assert/strict";
import { systemClock } from "@denizen/runtime";
import { settle, type TestNode, VirtualClock } from "@denizen/runtime/testing";
import {
  actors,
  add,
  all,
  fail,
  pause,
  stage,
  startActors,
  tell,
  told,
  totalOf,
  tryCall,
} from "../../tests/actors.ts";
import type { Step } from "../../tests/apps/actor.ts";

const ACTORS = 6;
const MESSAGES = 40;
const ROUNDS = 40;
const base = Number(Deno.env.get("SEED") ?? Math.floor(systemClock.random() * 2 ** 32));

/**
 * Draws what actors do. `climbing` calls go to actors with a higher number only, so that no circle can come
 * about.
 */
class Plan {
  readonly #chance: VirtualClock;

  constructor(seed: number, readonly climbing: boolean) {
    this.#chance = new VirtualClock({ seed });
  }

  below(bound: number): number {
    return Math.floor(this.#chance.random() * bound);
  }

  /** `parallel` plans do not fail on purpose: who is inside beside others cannot be undone alone. */
  steps(from: number, depth: number, parallel: boolean): Step[] {
    return Array.from({ length: 1 + this.below(3) }, () => this.#step(from, depth, parallel));
  }

  #step(from: number, depth: number, parallel: boolean): Step {
    const targets = Array.from({ length: ACTORS }, (_, at) => at).filter((at) => !this.climbing || at > from);
    const kind = this.below(10);
    if (depth === 0 || targets.length === 0 || kind < 2) return pause;
    const target = targets[this.below(targets.length)]!;
    if (kind === 2 && parallel) {
      return all(...Array.from({ length: 2 + this.below(2) }, () => this.steps(from, depth - 1, parallel)));
    }
    if (kind === 3 && !parallel) return tryCall(`${target}`, add(1 + this.below(100)), pause, fail());
    const steps = this.steps(target, depth - 1, parallel);
    return { do: "pay", target: `${target}`, amount: 1 + this.below(100), steps };
  }
}

/** Tells every actor something at once, and returns how many calls ended in a deadlock. */
async function contend(node: TestNode, plan: Plan, undoes = true): Promise<number> {
  stage.reset();
  const ended: string[] = [];
  for (let message = 0; message < MESSAGES; message++) {
    const from = plan.below(ACTORS);
    const steps = plan.steps(from, 4, !undoes || plan.below(2) === 0);
    tell(node, `${from}`, ...steps).then((answer) => ended.push(told(answer).split(" ")[0]!));
  }
  await settle();
  assert.deepEqual(
    ended,
    Array.from({ length: MESSAGES }, () => "Success"),
    "every message ends, without time passing",
  );
  if (undoes) assert.deepEqual(stage.overlaps, []);
  assert.deepEqual(stage.interruptions, []);
  const totals = await Promise.all(Array.from({ length: ACTORS }, (_, at) => totalOf(node, `${at}`)));
  assert.equal(totals.reduce((sum, total) => sum + total), 0, `no money comes or goes: ${totals.join()}`);
  return stage.journal.filter((line) => line.endsWith(" deadlock")).length;
}

for (const climbing of [false, true]) {
  const what = climbing ? "without circles, none of which ends in a deadlock" : "with circles";
  Deno.test(`random calls over ${ACTORS} processes, ${what} (G2)`, async () => {
    console.log(`seed ${base}; again with SEED=${base}`);
    let deadlocks = 0;
    await using node = await startActors();
    for (let round = 0; round < ROUNDS; round++) {
      deadlocks += await contend(node, new Plan(base + round, climbing));
    }
    assert.equal(deadlocks > 0, !climbing, `${deadlocks} calls ended in a deadlock`);
  });
}

Deno.test("random calls over interleaved processes never wait, so that none ends in a deadlock (G2)", async () => {
  console.log(`seed ${base}; again with SEED=${base}`);
  await using node = await startActors({ definition: { ...actors, interleaved: true } });
  let overlaps = 0;
  for (let round = 0; round < ROUNDS; round++) {
    assert.equal(await contend(node, new Plan(base + round, false), false), 0);
    overlaps += stage.overlaps.length;
  }
  assert.ok(overlaps > 0);
});
