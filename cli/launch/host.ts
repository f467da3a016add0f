/**
 * The program of the node's process. It runs with the permissions of the node only; the command that started
 * it tells it when to start and to stop (`host_protocol.ts`).
 */
import { type DrainOptions, loadApp, startNode } from "@denizen/runtime";
import { explain } from "../terminal/failure.ts";
import { logOutput } from "../terminal/log_output.ts";
import { outliveStrayFailures } from "./stray_failures.ts";
import { sendReport } from "./child_report.ts";
import type { HostOptions, NodeReport, Order } from "./host_protocol.ts";

const start = Promise.withResolvers<void>();
const stop = Promise.withResolvers<DrainOptions>();
let ready = false;

/** If the command has ended, the end of standard input stops the node. */
function report(report: NodeReport): void {
  sendReport(report);
}

async function obeyOrders(): Promise<void> {
  let text = "";
  for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n")) {
      const order = JSON.parse(text.slice(0, end)) as Order;
      text = text.slice(end + 1);
      if (order.kind === "start") start.resolve();
      else stop.resolve({ keepVolatile: order.keepVolatile });
    }
  }
  if (!ready) Deno.exit(1);
  stop.resolve({});
}

/** Ctrl+C and a closed terminal signal every process in the terminal; only the command reacts to them. */
function takeSignals(): void {
  if (Deno.build.os === "windows") return;
  for (const signal of ["SIGINT", "SIGHUP"] as const) Deno.addSignalListener(signal, () => {});
  Deno.addSignalListener("SIGTERM", () => stop.resolve({}));
}

const { log, packCache, ...options } = JSON.parse(Deno.args[0]!) as HostOptions;
const sink = logOutput(log);
takeSignals();
outliveStrayFailures(sink);
obeyOrders();
try {
  for (const app of options.apps) await loadApp(app);
  report({ kind: "loaded" });
  await start.promise;
  const node = await startNode({ ...options, log: sink, packHost: { cache: packCache } });
  ready = true;
  const { name, url, port, definitions } = node;
  report({ kind: "ready", node: { name, url, port, pid: Deno.pid, definitions } });
  await node.drain(await stop.promise);
} catch (thrown) {
  report({ kind: "failed", explanation: explain(thrown) });
  Deno.exit(1);
}
Deno.exit(0);
