/** Stops a node that was started at a terminal. */
import { EXIT, exitCodeOf, type Explanation } from "../terminal/failure.ts";
import { exitCodeOfSignal, type StopSignals } from "../terminal/stop_signals.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** A node, in this process or another. */
interface Stoppable {
  /** Resolves to the failure, if there was one. */
  drain(options: { readonly keepVolatile: boolean }): Promise<Explanation | undefined>;
  kill(): Promise<void>;
}

/** Drains a node; kills it at a second signal. Resolves to the exit code. */
export async function stopNode(node: Stoppable, signals: StopSignals, terminal: Terminal): Promise<number> {
  terminal.show("\nStopping as soon as running handlers have finished. Press Ctrl+C again to stop at once.", {
    event: "draining",
  });
  const outcome = await Promise.race([node.drain({ keepVolatile: false }), signals.second]);
  if (typeof outcome === "string") {
    await node.kill();
    terminal.show("Killed.", { event: "killed" });
    return exitCodeOfSignal(outcome);
  }
  if (outcome) {
    terminal.failure(outcome, "failed");
    return exitCodeOf(outcome);
  }
  terminal.show("Stopped.", { event: "stopped" });
  return EXIT.ok;
}
