/**
 * The bare route: hono and `Deno.serve`, with no validation or mailbox, and one variable as state. The
 * difference to ours is the cost of our layers.
 */
import { Hono } from "hono";

const app = new Hono();
let count = 0;

app.post("/:process/api", async (c) => {
  const body = await c.req.json();
  count += body.Increment;
  return c.json(count);
});

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
}, app.fetch);
