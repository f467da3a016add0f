/** Starts child processes of Deno. */
import * as path from "node:path";
import { ExplainedError } from "../terminal/failure.ts";

/**
 * Starts the Deno that runs this program. Where the permissions only allow to run `deno`, starts that from
 * the PATH.
 *
 * @param what the process, for the error message, such as `the node's`.
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
