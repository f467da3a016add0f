/**
 * Work on packs in a process beside the command: it runs compilers and code of packs, with just the permissions it needs for that, and
 * when that code ends its process, the command says so and lives.
 */
import { ExplainedError } from "../terminal/failure.ts";
import { spawnDeno } from "../launch/own_deno.ts";
import { type Ending, RECORD_SEPARATOR } from "./child_report.ts";

export interface SideWork<Work, Event> {
  /** The URL of a program that calls `serveAside`. */
  readonly program: string;
  readonly input: Work;
  /** Flags of Deno, such as `--allow-read`. */
  readonly rights: readonly string[];
  readonly onEvent: (event: Event) => void;
}

/**
 * Resolves when the work is done.
 *
 * @throws {ExplainedError} if it failed, or if its process ended before.
 */
export async function runAside<Work, Event extends object>(work: SideWork<Work, Event>): Promise<void> {
  const child = spawnDeno("the pack's", {
    args: ["run", "--quiet", "--no-prompt", ...work.rights, work.program, JSON.stringify(work.input)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  });
  let ending: Ending | undefined;
  for await (const line of linesOf(child.stdout)) {
    const report = parseReport<Event>(line);
    if (report === undefined) console.error(withoutControls(line));
    else if ("ending" in report) ending = report;
    else work.onEvent(report);
  }
  const { code, signal } = await child.status;
  if (ending?.ending === "done") return;
  if (ending) {
    const { explanation } = ending;
    throw new ExplainedError({ ...explanation, message: withoutControls(explanation.message) });
  }
  throw new ExplainedError({
    code: "pack_ended",
    message: `Cannot go on as the process that works on the pack ended: ${
      signal ? `by ${signal}` : `with exit code ${code}`
    }`,
    hint: "code of the pack can do that; what it printed stands above",
  });
}

/** A message can quote what a pack or a compiler said; of its control characters, only line ends reach the terminal. */
function withoutControls(message: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is taken out
  return message.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "\ufffd");
}

/** A report, or `undefined` for a line that something in the process printed. */
function parseReport<Event extends object>(line: string): Event | Ending | undefined {
  if (!line.startsWith(RECORD_SEPARATOR)) return undefined;
  try {
    const value = JSON.parse(line.slice(1));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
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

/** A temporary folder for what a side process unpacks, removed at the end. */
export class SideFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<SideFolder> {
    return new SideFolder(await Deno.realPath(await Deno.makeTempDir({ prefix: "denizen-pack-" })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true }).catch(() => {});
  }
}
