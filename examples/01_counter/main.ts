/**
 * Shows a durable process: count over HTTP, stop the node, start another one on the same data, go on
 * counting.
 *
 *     deno task gen && deno run -P=examples examples/01_counter/main.ts
 */
import { startNode } from "@denizen/runtime";
import * as assert from "node:assert/strict";

const apps = [new URL(".", import.meta.url)];
const data = await Deno.makeTempDir();

{
  await using node = await startNode({ apps, data, port: 0 });
  const counter = `${node.url}/counter:examples:denizen.os`;
  const reply = await fetch(`${counter}/api`, { method: "POST", body: '{"Increment":5}' });
  assert.equal(await reply.json(), 5);
}

{
  await using node = await startNode({ apps, data, port: 0 });
  const counter = `${node.url}/counter:examples:denizen.os`;
  const status = await fetch(`${counter}/status`);
  assert.deepEqual(await status.json(), { count: 5 });

  const wrong = await fetch(`${counter}/api`, { method: "POST", body: '{"Increment":"five"}' });
  assert.equal(wrong.status, 422);
  console.log((await wrong.json()).error.message);
}

await Deno.remove(data, { recursive: true });
console.log("ok: the count outlived its node");
