/**
 * Everything at once: packs are loaded, replaced and unloaded while their actors are created, run and
 * closed.
 */
import { chance } from "../../pack_sdk/conformance/sample.ts";
import assert from "node:assert/strict";
import { DenizenError } from "../../runtime/errors.ts";
import type { PackRequest } from "../../runtime/pack/bundle/pack_settings.ts";
import type { PackActor } from "../../runtime/process/packs.ts";
import { builtFixture, loaded } from "./built_packs.ts";

const ROUNDS = 400;
/** The errors that a call may get from a pack that is being unloaded. */
const EXPECTED = [
  "pack_closed",
  "unknown_template",
  "duplicate_template",
  "pack_trapped",
  "pack_crashed",
  "pack_failed",
];

const PLACES: Record<string, Omit<PackRequest, "path">> = {
  native: { mode: "native", native: true },
  isolated: { mode: "isolated", native: true },
  wasm: { mode: "wasm", trusted: true },
  worker: { mode: "wasm" },
};

for (const [place, more] of Object.entries(PLACES)) {
  Deno.test(`packs come and go under the actors that use them: ${place}`, async () => {
    const seed = Date.now() % 1_000_000, random = chance(seed);
    const request = { path: await builtFixture(), ...more };
    await using all = await loaded([request]);
    const actors: PackActor[] = [], running: Promise<void>[] = [];
    const rounds = place === "isolated" || place === "worker" ? ROUNDS / 4 : ROUNDS;
    const pick = () => actors[Math.floor(random() * actors.length)];
    const attempt = (body: () => Promise<unknown>) => {
      const done = body().then(() => {}, (error) => {
        const known = error instanceof DenizenError && EXPECTED.includes(error.code);
        assert.ok(known, `with seed ${seed}: ${error instanceof Error ? error.stack : error}`);
      });
      running.push(done);
    };
    for (let round = 0; round < rounds; round++) {
      const choice = random();
      if (choice < 0.03) attempt(() => all.packs.load(request));
      else if (choice < 0.06) attempt(() => all.packs.reload("fixture"));
      else if (choice < 0.08) attempt(() => all.packs.unload("fixture", { now: random() < 0.5 }));
      else if (choice < 0.3) {
        const name = ["counter", "echo", "slow", "fail"][Math.floor(random() * 4)];
        attempt(async () => actors.push(await all.packs.actor(`fixture.${name}`, { config: { ms: 2 } })));
      } else if (choice < 0.4) {
        const actor = pick();
        if (actor) attempt(() => actor[Symbol.asyncDispose]());
      } else if (choice < 0.42 && place !== "native") {
        attempt(async () => await (await all.packs.actor("fixture.trap")).run({}));
      } else {
        const actor = pick();
        const input = actor?.template === "fixture.echo" ? { input: new Uint8Array(random() * 100_000) } : {};
        if (actor) attempt(() => actor.run(input));
      }
      if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, random() * 3));
    }
    await Promise.all(actors.map((actor) => actor[Symbol.asyncDispose]()));
    await all.packs[Symbol.asyncDispose]();
    await Promise.all(running);
    assert.deepEqual(all.packs.list(), []);
  });
}
