/** How a node is stopped by whoever started it at a terminal. */
import { EXIT, exitCodeOf, type Explanation } from "../terminal/failure.ts";
import { exitCodeOfSignal, type StopSignals } from "../terminal/stop_signals.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** A node, in this process or another. */
export interface Stoppable {
  /** Resolves to what is to be said about its end, which is nothing if all went well. */
  drain(options: { readonly keepVolatile: boolean }): Promise<Explanation | undefined>;
  kill(): Promise<void>;
}

/** Lets a node finish, or ends it if it is asked to again. Resolves to the exit code. */
export async function stopNode(node: Stoppable, signals: StopSignals, terminal: Terminal): Promise<number> {
  terminal.tell("\nStopping: running handlers finish. Once more stops at once.", { event: "draining" });
  const outcome = await Promise.race([node.drain({ keepVolatile: false }), signals.second]);
  if (typeof outcome === "string") {
    await node.kill();
    terminal.tell("Stopped by force.", { event: "killed" });
    return exitCodeOfSignal(outcome);
  }
  if (outcome) {
    terminal.failure(outcome, "failed");
    return exitCodeOf(outcome);
  }
  terminal.tell("Stopped.", { event: "stopped" });
  return EXIT.ok;
}
