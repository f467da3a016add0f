/**
 * The inner end of a process that works on packs for a command (`child_process.ts`): it takes its work as JSON from its one argument and
 * reports on standard output, a line of JSON each behind a record separator.
 */
import { explain } from "../terminal/failure.ts";

export const RECORD_SEPARATOR = "\x1e";

/** What a side process says about itself; everything else is an event of its work. */
export type Ending =
  | { readonly ending: "done" }
  | { readonly ending: "failed"; readonly explanation: ReturnType<typeof explain> };

function write(value: object): void {
  const bytes = new TextEncoder().encode(`${RECORD_SEPARATOR}${JSON.stringify(value)}\n`);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}

/** Does the work it was started for, telling events, and ends the process. */
export async function serveAside<Work, Event extends object>(
  work: (input: Work, tell: (event: Event) => void) => Promise<void>,
): Promise<never> {
  let ending: Ending;
  try {
    await work(JSON.parse(Deno.args[0]!) as Work, write);
    ending = { ending: "done" };
  } catch (thrown) {
    ending = { ending: "failed", explanation: explain(thrown) };
  }
  write(ending);
  Deno.exit(0);
}
