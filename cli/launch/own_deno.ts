/** Starts processes of the Deno that runs this. */
import * as path from "node:path";
import { ExplainedError } from "../terminal/failure.ts";

/**
 * Spawns it; by its name where only that may be run.
 *
 * @param what whose process it is, such as `the node's`.
 * @throws {ExplainedError} if there is no `deno` on the PATH.
 */
export function spawnDeno(what: string, options: Deno.CommandOptions): Deno.ChildProcess {
  const own = Deno.execPath();
  const { state } = Deno.permissions.querySync({ name: "run", command: own });
  try {
    return new Deno.Command(state === "granted" ? own : "deno", options).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotCapable)) throw cause;
    throw new ExplainedError({
      code: "node_ended",
      message: `Cannot start ${what} process as deno is not on the PATH: ${cause.message}`,
      hint: `put ${path.dirname(own)} on the PATH`,
    });
  }
}
