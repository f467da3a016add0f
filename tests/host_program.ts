/**
 * A node as a separate program, for tests that kill it. Takes `{"apps":[…],"data":…}` as its argument,
 * prints one line, either `{"url":…}` or `{"error":{"code","message"}}`, and drains at SIGTERM.
 */
import { DenizenError, jsonSink, type PackRequest, startNode } from "@denizen/runtime";

interface Order {
  readonly apps: readonly string[];
  readonly data: string;
  readonly port?: number;
  readonly packs?: readonly PackRequest[];
  readonly takeOver?: boolean;
}

try {
  const { port = 0, ...order } = JSON.parse(Deno.args[0]!) as Order;
  const node = await startNode({ ...order, port, log: jsonSink });
  Deno.addSignalListener("SIGTERM", () => node.drain().then(() => Deno.exit(0)));
  console.log(JSON.stringify({ url: node.url }));
} catch (thrown) {
  if (!(thrown instanceof DenizenError)) throw thrown;
  console.log(JSON.stringify({ error: { code: thrown.code, message: thrown.message } }));
  Deno.exit(1);
}
