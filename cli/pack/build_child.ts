/** The child process of `denizen pack build`: runs compilers, and loads the results to describe them. */
import { BuildFailure, buildPack, type BuildReport } from "@denizen/pack-sdk/build";
import { ExplainedError } from "../terminal/failure.ts";
import { runChildProgram } from "./child_program.ts";

await runChildProgram<{ readonly folder: string }, BuildReport>(async ({ folder }, report) => {
  try {
    report(await buildPack(folder));
  } catch (thrown) {
    if (!(thrown instanceof BuildFailure)) throw thrown;
    throw new ExplainedError({ code: "pack_build", message: thrown.message.trimEnd() });
  }
});
