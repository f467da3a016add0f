/** The child process of `denizen pack strip --symbols`: strips libraries with the tool of the system. */
import { runChildProgram } from "./child_program.ts";

const TOOLS = ["llvm-strip", "strip"];

export interface StripWork {
  /** Libraries, which are overwritten. */
  readonly files: readonly string[];
}

/** `tool` is `undefined` if none could strip the file; `reason` says why. */
export interface StripEvent {
  readonly file: string;
  readonly tool: string | undefined;
  readonly reason: string;
}

await runChildProgram<StripWork, StripEvent>(async ({ files }, report) => {
  for (const file of files) report({ file, ...await strip(file) });
});

async function strip(file: string): Promise<{ tool: string | undefined; reason: string }> {
  let reason = `neither ${TOOLS.join(" nor ")} is installed`;
  for (const tool of TOOLS) {
    try {
      const { success, stderr } = await new Deno.Command(tool, { args: ["--strip-unneeded", file] }).output();
      if (success) return { tool, reason: "" };
      reason = new TextDecoder().decode(stderr).trim().split("\n")[0] ?? `${tool} failed`;
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  }
  return { tool: undefined, reason };
}
