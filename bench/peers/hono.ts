/**
 * The bare route: hono and `Deno.serve`, no validation, mailbox or state but one variable. What our own
 * layers cost is the distance to it.
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
