/** Tools of Deno that a program is compiled with, each in a process of its own. */
import { ExplainedError } from "../terminal/failure.ts";
import { spawnDeno } from "../launch/own_deno.ts";

/**
 * Resolves to what it wrote to standard output.
 *
 * @param purpose what it is for: `bundle the program`.
 * @throws {ExplainedError} with what it wrote to standard error, if it failed.
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
  const said = readable(new TextDecoder().decode(stderr));
  const failure = failureOf(purpose, said);
  throw new ExplainedError({ code: "compile", ...failure });
}

/** Without what is for those who debug Deno. */
function readable(text: string): string {
  return text.replace(/\n*Stack backtrace:\n(.*\n?)*$/, "").replace(/^error: /, "").trim();
}

function failureOf(purpose: string, said: string): { message: string; hint?: string } {
  const archive = /denort-\S+\.zip/.exec(said)?.[0];
  if (archive) {
    return {
      message: `Cannot ${purpose} as Deno's runtime archive could not be downloaded: ${archive}`,
      hint:
        `set DENORT_BIN to a denort of Deno ${Deno.version.deno}, or compile with --self-contained, which needs none`,
    };
  }
  const own = /Could not find denort at '(.+)'/.exec(said)?.[1];
  if (own) {
    return {
      message: `Cannot ${purpose} as DENORT_BIN leads to no file: ${own}`,
      hint: "let it lead to a denort, or take it out of the environment",
    };
  }
  return { message: `Cannot ${purpose} as Deno failed:\n${said}` };
}
