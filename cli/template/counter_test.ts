import { startNode, unwrap } from "@denizen/runtime";
import { memoryStorage } from "@denizen/runtime/storage";
import assert from "node:assert/strict";
import * as counter from "./generated/counter.ts";

const apps = [new URL("./counter.ts", import.meta.url)];

Deno.test("the counter answers over HTTP and to typed calls", async () => {
  await using node = await startNode({ apps, port: 0 });
  const surface = `${node.url}/${node.definitions[0]!.id}`;

  const body = '{"Increment":5}';
  const reply = await fetch(`${surface}/api`, { method: "POST", body });
  assert.equal(await reply.json(), 5);
  assert.equal(unwrap(await counter.localRpc(node).increment(2)), 7);

  const status = await fetch(`${surface}/status`);
  assert.deepEqual(await status.json(), { count: 7 });
});

Deno.test("the count outlives its node", async () => {
  await using storage = memoryStorage();
  {
    await using node = await startNode({ apps, storage, port: 0 });
    unwrap(await counter.localRpc(node).increment(5));
  }
  await using node = await startNode({ apps, storage, port: 0 });
  assert.equal(unwrap(await counter.localRpc(node).increment(1)), 6);
});
