/**
 * Shows a process with a page, commands over HTTP and live updates over WebSocket. The page is
 * `ui/index.html`; here a program does what two open pages would.
 *
 *     deno task gen && deno run -P=examples examples/02_todo/main.ts
 */
import { startNode } from "@denizen/runtime";
import * as assert from "node:assert/strict";
import type { Item, Update } from "./todo.ts";

const apps = [new URL(".", import.meta.url)];
await using node = await startNode({ apps, port: 0 });
const todo = `${node.url}/todo:examples:denizen.os`;

async function call(tag: string, ...args: unknown[]): Promise<Response> {
  const body = JSON.stringify({ [tag]: args.length === 1 ? args[0] : args });
  return await fetch(`${todo}/api`, { method: "POST", body });
}

/** The next message that an open page receives. */
function next(page: WebSocket): Promise<Update> {
  const { promise, resolve } = Promise.withResolvers<Update>();
  page.addEventListener("message", ({ data }) => resolve(JSON.parse(data)), { once: true });
  return promise;
}

const page = new WebSocket(`${todo}/ws`.replace("http", "ws"));
assert.deepEqual(await next(page), { items: [] });

let heard = next(page);
const added = await (await call("Add", "Water the plants", "2026-05-12T18:00:00Z")).json() as Item;
assert.deepEqual(await heard, { changed: added });

heard = next(page);
await call("SetDone", added.id, true);
assert.deepEqual(await heard, { changed: { ...added, done: true } });

const late = new WebSocket(`${todo}/ws`.replace("http", "ws"));
assert.deepEqual(await next(late), { items: [{ ...added, done: true }] });

heard = next(late);
await call("Remove", added.id);
assert.deepEqual(await heard, { removed: added.id });

const unknown = await call("Rename", added.id, "Water the garden");
assert.equal(unknown.status, 404);
console.log((await unknown.json()).error.message);

const wrong = await call("Add", "Sow", "soon");
assert.equal(wrong.status, 422);
console.log((await wrong.json()).error.message);

const index = await fetch(`${todo}/`);
assert.match(await index.text(), /<h1>Todos<\/h1>/);
console.log("ok: both pages saw every change");
