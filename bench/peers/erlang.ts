/** Compiles and runs the gen_server counter with the installed Erlang (Debian package `erlang-base`). */
import { output } from "../child.ts";

const SOURCE = new URL("./gen_server_counter.erl", import.meta.url).pathname;

/** Seconds `calls` sequential calls took. `folder` takes the compiled module. */
export async function secondsOfErlangCalls(calls: number, folder: string): Promise<number> {
  await output("erlc", "erlc", ["-o", folder, SOURCE]);
  return Number(
    await output("erl", "erl", [
      "-noshell",
      "-pa",
      folder,
      "-run",
      "gen_server_counter",
      "main",
      String(calls),
    ]),
  );
}
