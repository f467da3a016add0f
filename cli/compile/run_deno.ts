/** Runs subcommands of Deno. */
import { ExplainedError } from "../terminal/failure.ts";
import { spawnDeno } from "../launch/own_deno.ts";

/**
 * Resolves to the standard output.
 *
 * @param purpose for the error message: `bundle the program`.
 * @throws {ExplainedError} with the standard error output if it failed.
 */
export async function runDeno(purpose: string, args: readonly string[]): Promise<string> {
  const child = spawnDeno("Deno's", {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await child.output();
  if (success) return new TextDecoder().decode(stdout);
  const output = readable(new TextDecoder().decode(stderr));
  const failure = failureOf(purpose, output);
  throw new ExplainedError({ code: "compile", ...failure });
}

/** Removes what only helps to debug Deno. */
function readable(text: string): string {
  return text.replace(/\n*Stack backtrace:\n(.*\n?)*$/, "").replace(/^error: /, "").trim();
}

function failureOf(purpose: string, output: string): { message: string; hint?: string } {
  const archive = /denort-\S+\.zip/.exec(output)?.[0];
  if (archive) {
    return {
      message: `Cannot ${purpose} as the runtime of Deno could not be downloaded: ${archive}`,
      hint: `compile with --self-contained, or set DENORT_BIN to a denort of Deno ${Deno.version.deno}`,
    };
  }
  const own = /Could not find denort at '(.+)'/.exec(output)?.[1];
  if (own) {
    return {
      message: `Cannot ${purpose} as the file that DENORT_BIN names does not exist: ${own}`,
      hint: "set DENORT_BIN to the path of a denort, or unset it",
    };
  }
  return { message: `Cannot ${purpose} as Deno failed:\n${output}` };
}
