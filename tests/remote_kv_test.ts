/** Nodes whose data is on a real Deno KV server: crashes, second nodes, and a server that fails (G1, G3). */
import assert from "node:assert/strict";
import { Increments } from "./crash/increments.ts";
import { DenokvServer, MISSING_DENOKV } from "./denokv_server.ts";
import { HostProcess, startError } from "./host_process.ts";

const ID = "tally.one:tests:denizen.os";
/** In which a node stops to answer once another owns its data. */
const LOST_MS_MAX = 5_000;

const optionsOf = (server: DenokvServer, takeOver = false) => ({
  apps: ["tally"],
  data: server.url,
  takeOver,
});
const start = (server: DenokvServer, takeOver = false) => HostProcess.start(optionsOf(server, takeOver));

/**
 * Reads until the node answers that it is not the owner any more. Returns how long that took, in
 * milliseconds.
 */
async function timeUntilLost(host: HostProcess): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const reply = await host.post(ID, { Read: null });
    const { error } = await reply.json();
    if (error?.code === "lost_ownership") return performance.now() - begun;
    assert.equal(reply.status, 200, JSON.stringify(error));
  }
}

const cases: Record<string, (server: DenokvServer) => Promise<void>> = {
  async "a node that is killed and restarted has lost nothing that it acknowledged"(server) {
    const load = new Increments();
    for (const more of [150, 150]) {
      await using host = await start(server);
      await load.check(host);
      load.target.set(host);
      await load.more(more);
      await host.kill();
    }
    await using last = await start(server, true);
    load.target.set(last);
    await load.finish();
    await load.check(last);
    assert.ok(load.total >= 300);
  },

  async "a second node is refused, and one that takes over fences the first within 5 s"(server) {
    await using first = await start(server);
    await first.call(ID, { Increment: 1 });
    const { code, message } = await startError(optionsOf(server));
    assert.equal(code, "data_locked");
    assert.match(message, /^Cannot open http:\S+ as node "denizen" owns it: its lease ends at \d{4}-/);
    assert.equal(await first.call(ID, { Increment: 2 }), 2);

    await using second = await start(server, true);
    assert.ok(await timeUntilLost(first) < LOST_MS_MAX);
    const late = await first.post(ID, { Increment: 3 });
    assert.equal((await late.json()).error.code, "lost_ownership");
    assert.deepEqual(await second.call(ID, { Read: null }), { count: 2, numbers: [1, 2] });
    assert.equal(await second.call(ID, { Increment: 3 }), 3);
    await second.drain();
    await using third = await start(server);
    assert.deepEqual(await third.call(ID, { Read: null }), { count: 3, numbers: [1, 2, 3] });
  },

  async "a server that is killed in the middle of commits and restarted costs nothing that was acknowledged"(
    server,
  ) {
    const load = new Increments();
    await using host = await start(server);
    load.target.set(host);
    for (let kill = 0; kill < 3; kill++) {
      await load.more(60);
      await server.restart();
    }
    await load.more(60);
    await load.finish();
    await load.check(host);
    await host.drain();
    await using last = await start(server);
    await load.check(last);
  },

  async "a node whose server does not answer stops to answer within 5 s, reads too"(server) {
    await using host = await start(server);
    await host.call(ID, { Increment: 1 });
    server.signal("SIGSTOP");
    const waiting = host.post(ID, { Increment: 2 });
    const stopped = performance.now();
    const { error } = await (await waiting).json();
    assert.equal(error.code, "lost_ownership");
    assert.ok(performance.now() - stopped < LOST_MS_MAX);
    assert.ok(await timeUntilLost(host) < 100);
    await host.drain();
    server.signal("SIGCONT");
    await using next = await start(server);
    const { count } = await next.call(ID, { Read: null }) as { count: number };
    assert.ok(count === 1 || count === 2, "the outcome was unknown");
  },
};

// All at once: they mostly wait.
const title = "a node on a Deno KV server loses nothing, and is the only one that answers";
const options = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
Deno.test({
  name: MISSING_DENOKV ? `${title} (skipped: ${MISSING_DENOKV})` : title,
  ignore: MISSING_DENOKV !== undefined,
  ...options,
  fn: async (context) => {
    const steps = Object.entries(cases).map(([name, run]) =>
      context.step({
        name,
        ...options,
        fn: async () => {
          await using server = await DenokvServer.start();
          await run(server);
        },
      })
    );
    await Promise.all(steps);
  },
});
