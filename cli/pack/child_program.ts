/** Runs the program of a child process that works on packs for a command (`child_process.ts`). */
import { hasKind, sendReport } from "../launch/child_report.ts";
import { explain, type Explanation } from "../terminal/failure.ts";

export type PackReport<Event> =
  | { readonly kind: "event"; readonly event: Event }
  /** Next: the end of the process. */
  | { readonly kind: "done" }
  /** Next: the end of the process. */
  | { readonly kind: "failed"; readonly explanation: Explanation };

export function isPackReport<Event>(value: unknown): value is PackReport<Event> {
  return hasKind(value, ["event", "done", "failed"]);
}

/**
 * Reads the input from the program's only argument, does the work, reports its events and ends the process.
 */
export async function runChildProgram<Input, Event>(
  work: (input: Input, onEvent: (event: Event) => void) => Promise<void>,
): Promise<never> {
  let last: PackReport<Event>;
  try {
    await work(JSON.parse(Deno.args[0]!) as Input, (event) => report({ kind: "event", event }));
    last = { kind: "done" };
  } catch (thrown) {
    last = { kind: "failed", explanation: explain(thrown) };
  }
  report(last);
  Deno.exit(0);
}

/** Ends the process if the command has ended, as its work is no longer needed. */
function report<Event>(report: PackReport<Event>): void {
  if (!sendReport(report)) Deno.exit(1);
}
