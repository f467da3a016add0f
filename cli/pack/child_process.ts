/**
 * Runs compilers and code of packs in a child process with only the permissions that it needs. If that code
 * ends its process, the command reports a failure.
 */
import { escapeUnprintable } from "@denizen/runtime";
import { takeReports } from "../launch/child_report.ts";
import { spawnDeno } from "../launch/own_deno.ts";
import { ExplainedError } from "../terminal/failure.ts";
import { isPackReport, type PackReport } from "./child_program.ts";

interface ChildWork<Input, Event> {
  /** The URL of a program that calls `runChildProgram`. */
  readonly program: string;
  readonly input: Input;
  /** Permission flags of Deno, such as `--allow-read`. */
  readonly permissions: readonly string[];
  readonly onEvent: (event: Event) => void;
}

/**
 * Resolves when the work is done.
 *
 * @throws {ExplainedError} if the work failed, or if the process ended before it was done.
 */
export async function runInChild<Input, Event>(work: ChildWork<Input, Event>): Promise<void> {
  const child = spawnDeno("the pack's", {
    args: ["run", "--quiet", "--no-prompt", ...work.permissions, work.program, JSON.stringify(work.input)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  });
  let last: Exclude<PackReport<Event>, { kind: "event" }> | undefined;
  const output = child.stdout.pipeThrough(takeReports(isPackReport<Event>, (report) => {
    if (report.kind === "event") work.onEvent(report.event);
    else last = report;
  }));
  for await (const line of linesOf(output)) console.error(printable(line));
  const { code, signal } = await child.status;
  if (last?.kind === "done") return;
  if (last) {
    const { explanation } = last;
    throw new ExplainedError({ ...explanation, message: printable(explanation.message) });
  }
  throw new ExplainedError({
    code: "pack_ended",
    message: `Cannot go on as the process that works on the pack ended: ${
      signal ? `by ${signal}` : `with exit code ${code}`
    }`,
    hint: "code of the pack can do that; see its output above",
  });
}

/** Output of packs and compilers must not control the terminal: tabs and line ends are kept. */
function printable(output: string): string {
  return output.replace(/[^\t\n]+/g, escapeUnprintable);
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
