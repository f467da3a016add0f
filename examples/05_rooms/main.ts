/**
 * Shows one process for each key, a state that outlives its class by a migration, and a node whose time and
 * crashes a test controls.
 *
 *     deno task gen && deno run -P=examples examples/05_rooms/main.ts
 */
import { denoNetwork, unwrap } from "@denizen/runtime";
import { memoryStorage } from "@denizen/runtime/storage";
import { TestNode } from "@denizen/runtime/testing";
import * as assert from "node:assert/strict";
import { localRpc } from "./generated/room.ts";
import type { Message } from "./room.ts";

const folder = new URL(".", import.meta.url);
const storage = memoryStorage();

// The state of the old class stays in the store.
{
  await using old = await TestNode.start([new URL("version_1", folder)], { storage });
  unwrap(await old.send("room.garden:examples:denizen.os", { Say: "Is anybody here?" }));
}

// A test's node has no port of its own accord; this one gets one, for a WebSocket as browsers have it.
await using node = await TestNode.start([folder], { storage, network: denoNetwork });
const garden = localRpc(node, "garden"), kitchen = localRpc(node, "kitchen");

assert.equal(unwrap(await garden.say("Ada", "I am")), 2, "the old line is there, and has an author now");
assert.equal(unwrap(await kitchen.say("Ada", "Tea?")), 1, "another key, another process");

/** The next message that an open page receives. */
function next(page: WebSocket): Promise<Message | Message[]> {
  return new Promise((resolve) =>
    page.addEventListener("message", ({ data }) => resolve(JSON.parse(data)), { once: true })
  );
}
const page = new WebSocket(`${node.url}/room.garden:examples:denizen.os/ws`.replace("http", "ws"));
assert.deepEqual((await next(page) as Message[]).map(({ from }) => from), ["someone", "Ada"]);
const heard = next(page);
await garden.say("Grace", "Me too");
assert.equal((await heard as Message).text, "Me too");
page.close();

// What was acknowledged survives a crash; a handler that fails leaves nothing.
assert.equal((await garden.say("Ada", "x".repeat(10_000))).status, "Refused");
await node.crash();
await node.restart();
const messages = await (await node.fetch("/room.garden:examples:denizen.os/messages")).json() as Message[];
assert.deepEqual(messages.map(({ text }) => text), ["Is anybody here?", "I am", "Me too"]);

// Two minutes later the room has left memory; its next message brings it back.
await node.advance(120_000);
assert.equal(node.process("room.garden:examples:denizen.os"), undefined);
assert.equal(unwrap(await localRpc(node, "garden").say("Ada", "Still here?")), 4);

const rooms = await (await node.fetch("/lobby:examples:denizen.os/rooms")).json();
assert.deepEqual(rooms, ["our@room.kitchen:examples:denizen.os"]);

console.log("ok: two rooms, a migration, a crash and a nap");
