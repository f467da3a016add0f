/** A node on a world that has nothing of the machine: no port, no file, no clock (G11). */
import assert from "node:assert/strict";
import { hostDefinitions, type Node } from "@denizen/runtime";
import { memoryStorage, readNodeFile } from "@denizen/runtime/storage";
import { MemoryDisk, MemoryNetwork, VirtualClock } from "@denizen/runtime/testing";
import { actors, add, idOf, stage } from "../../tests/actors.ts";
import { localRpc } from "../../tests/apps/generated/actor.ts";

Deno.test("a node starts, serves and drains on a world in memory, and the next one finds its data", async () => {
  stage.reset();
  const world = { clock: new VirtualClock(), network: new MemoryNetwork(), disk: new MemoryDisk() };
  // The node closes the database that it opened; what is on it outlives the node.
  const database = Object.assign(memoryStorage(), { [Symbol.asyncDispose]: async () => {} });
  const storage = () => Promise.resolve(database);
  const start = (): Promise<Node> => hostDefinitions([actors], { world, data: "/data", storage, port: 8080 });
  for (const total of [5, 10]) {
    const node = await start();
    await assert.rejects(start(), { code: "data_locked" });
    assert.deepEqual(await localRpc(node, "a").perform([add(5)]), { status: "Success", value: total });
    const reply = await world.network.fetch(`http://localhost:8080/${idOf("a")}/api`, {
      method: "POST",
      body: '"Read"',
    });
    assert.deepEqual([reply.status, await reply.json()], [200, total]);
    const file = await readNodeFile("/data", world.disk);
    assert.deepEqual([file?.alive, file?.info.url, file?.info.started], [
      true,
      "http://127.0.0.1:8080",
      world.clock.now(),
    ]);
    await node.drain();
    await assert.rejects(world.network.fetch("http://localhost:8080/healthz"), { code: "offline" });
    assert.deepEqual(world.disk.list("/data"), ["/data/format", "/data/lock"]);
  }
});

Deno.test("a disk that is not the machine's needs a database that is not either", async () => {
  const refused = hostDefinitions([actors], { world: { disk: new MemoryDisk() }, data: "/data", port: 0 });
  await assert.rejects(refused, { code: "bad_option", message: /Deno KV writes to the machine's/ });
});
