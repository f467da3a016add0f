/**
 * What Deno itself can do: hono, a number in memory, and Deno KV transactions, each with every waiting
 * write. No validation, routing, mailbox, rollback or order. The argument is the KV file. The difference
 * between our durable figures and this one is the cost of the runtime; its difference to the counter in
 * memory is the cost of the disk.
 */
import { Hono } from "hono";

const [file] = Deno.args;
const kv = await Deno.openKv(file);
const counts = new Map<string, number>();
const encoder = new TextEncoder();

let changed = new Set<string>();
let waiting: (() => void)[] = [];
let committing = false;

async function commitAll(): Promise<void> {
  committing = true;
  while (waiting.length > 0) {
    const replies = waiting;
    const atomic = kv.atomic();
    for (const process of changed) {
      atomic.set(["state", process], encoder.encode(`{"count":${counts.get(process)}}`));
    }
    waiting = [];
    changed = new Set();
    await atomic.commit();
    for (const reply of replies) reply();
  }
  committing = false;
}

const app = new Hono();

app.post("/:process/api", async (c) => {
  const process = c.req.param("process");
  const body = await c.req.json();
  const count = (counts.get(process) ?? 0) + body.Increment;
  counts.set(process, count);
  changed.add(process);
  await new Promise<void>((reply) => {
    waiting.push(reply);
    if (!committing) commitAll();
  });
  return c.json(count);
});

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
}, app.fetch);
