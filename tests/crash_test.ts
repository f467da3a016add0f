/**
 * Nodes that are killed at any moment: everything that was acknowledged is there afterwards, once (G3).
 *
 * A run prints its seed; with `CRASH_SEED` in the environment its random numbers repeat.
 */
import { DenizenError } from "@denizen/runtime";
import assert from "node:assert/strict";
import * as path from "node:path";
import { type Chance, withChance } from "./crash/chance.ts";
import { Increments } from "./crash/increments.ts";
import { Transfers } from "./crash/transfers.ts";
import { type HostOptions, HostProcess, spawnHost } from "./host_process.ts";

const KILLS = 30;

/** The interface of both loads. */
type Load = Increments | Transfers;

/** Runs a test on a data folder of its own. */
async function onFolder(app: string, body: (options: HostOptions) => Promise<void>): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "crash_" });
  try {
    await body({ apps: [app], data });
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

/** Starts a node, checks its data, puts load on it until more is acknowledged, and stops it with `end`. */
async function round(
  options: HostOptions,
  load: Load,
  more: number,
  end: (host: HostProcess) => Promise<unknown>,
): Promise<void> {
  await using host = await HostProcess.start(options);
  await load.check(host);
  load.target.set(host);
  await load.more(more);
  await end(host);
}

async function killAtAnyMoment(host: HostProcess, chance: Chance): Promise<void> {
  await chance.moment(5);
  await host.kill();
}

/** Lets the load finish on one more node, and checks everything on another one. */
async function finish(options: HostOptions, load: Load): Promise<void> {
  await using host = await HostProcess.start(options);
  await load.check(host);
  load.target.set(host);
  await load.finish();
  await load.check(host);
  await host.kill();
  await using last = await HostProcess.start(options);
  await load.check(last);
}

Deno.test("no acknowledged increment is missing and none counts twice, over 30 kills", () =>
  withChance("increments", (chance) =>
    onFolder("tally", async (options) => {
      const load = new Increments();
      for (let kill = 0; kill < KILLS; kill++) {
        await round(options, load, chance.from(1, 400), (host) => killAtAnyMoment(host, chance));
      }
      await finish(options, load);
      console.log(`increments: ${load.total} acknowledged`);
    })));

Deno.test("both effects of every acknowledged transfer are there, exactly once, over 30 kills", () =>
  withChance("transfers", (chance) =>
    onFolder("account", async (options) => {
      const load = new Transfers(chance);
      for (let kill = 0; kill < KILLS; kill++) {
        await round(options, load, chance.from(1, 300), (host) => killAtAnyMoment(host, chance));
      }
      await finish(options, load);
      await using host = await HostProcess.start(options);
      await load.checkConserved(host);
      console.log(`transfers: ${load.total} acknowledged`);
    })));

Deno.test("a kill during the very first write leaves all of it or nothing", () =>
  withChance("first write", async (chance) => {
    const outcomes = new Set<number>();
    for (let kill = 0; kill < 10; kill++) {
      await onFolder("tally", async (options) => {
        const id = "tally.first:tests:denizen.os";
        await using host = await HostProcess.start(options);
        const answer = host.post(id, { Increment: 1 }).then((reply) => reply.json(), () => undefined);
        await chance.moment(15);
        await host.kill();
        await using next = await HostProcess.start(options);
        const { count, numbers } = await next.call(id, { Read: null }) as {
          count: number;
          numbers: number[];
        };
        outcomes.add(count);
        assert.deepEqual(numbers, count === 0 ? [] : [1]);
        if (await answer !== undefined) assert.equal(count, 1, "it was acknowledged");
        assert.equal(await next.call(id, { Increment: 1 }), 1);
      });
    }
    console.log(`first write: left ${[...outcomes].join(" and ")}`);
  }));

Deno.test("a kill while a node starts or drains loses nothing that was acknowledged", () =>
  withChance("start and drain", (chance) =>
    onFolder("account", async (options) => {
      const load = new Transfers(chance);
      for (let kill = 0; kill < 8; kill++) {
        await round(options, load, chance.from(1, 200), async (host) => {
          host.signal("SIGTERM");
          await chance.moment(40);
          await host.kill();
        });
        const starting = spawnHost(options);
        await chance.moment(250);
        starting.kill("SIGKILL");
        await starting.output();
      }
      await finish(options, load);
    })));

Deno.test("a log that was cut off or damaged at its end gives an earlier state or an error, never a wrong value", () =>
  withChance("torn log", async (chance) => {
    let lost = 0;
    let refused = 0;
    for (let tear = 0; tear < 12; tear++) {
      await onFolder("tally", async (options) => {
        const load = new Increments();
        await round(options, load, chance.from(50, 300), (host) => killAtAnyMoment(host, chance));
        await load.finish();
        await tearLog(path.join(options.data, "state.kv-wal"), chance);
        const gone = await afterTear(options, load);
        if (gone === undefined) refused++;
        else lost += gone;
      });
    }
    console.log(`torn log: ${lost} increments lost, ${refused} starts refused`);
    assert.ok(lost > 0, "some tears reached what was acknowledged");
  }));

/** Cuts some of the end off, and sometimes writes over a part of what is left. */
async function tearLog(file: string, chance: Chance): Promise<void> {
  const { size } = await Deno.stat(file);
  await Deno.truncate(file, chance.from(0, size));
  using log = await Deno.open(file, { read: true, write: true });
  const left = (await log.stat()).size;
  if (left < 200 || chance.from(0, 1) === 0) return;
  await log.seek(left - chance.from(1, Math.min(left, 20_000)), Deno.SeekMode.Start);
  await log.write(Uint8Array.from({ length: 100 }, () => chance.from(0, 255)));
}

/**
 * How many acknowledged increments are missing, or `undefined` if the node reports that its data is damaged.
 */
async function afterTear(options: HostOptions, load: Increments): Promise<number | undefined> {
  try {
    await using host = await HostProcess.start(options);
    return await load.checkPrefix(host);
  } catch (error) {
    if (!(error instanceof DenizenError)) throw error;
    assert.equal(error.code, "data_corrupt", error.message);
    return undefined;
  }
}
