/**
 * `deno task bench <subject> [--json] [--tiny] [--rounds=n] [--only=text]` measures a subject's figures, ours
 * and each peer's in the same run. README.md says what is measured, what is not, and how to read it.
 */
import * as call from "./call.ts";
import { Unavailable } from "./child.ts";
import { compare, type Comparison } from "./compare.ts";
import type { Figure } from "./figure.ts";
import { jsonLine, skippedLines, textBlock } from "./report.ts";
import * as http from "./http.ts";
import * as node from "./node.ts";
import * as pack from "./pack.ts";
import { FULL, type Scale, TINY } from "./scale.ts";

const SUBJECTS: Readonly<Record<string, (scale: Scale) => Comparison[]>> = {
  http: http.comparisons,
  call: call.comparisons,
  node: node.comparisons,
  pack: pack.comparisons,
};

const USAGE = `Usage: deno task bench <${Object.keys(SUBJECTS).join("|")}> [options]
  --json        one line of JSON per figure
  --tiny        seconds instead of minutes, installs nothing; proves that the benchmark works, its figures mean nothing
  --rounds=<n>  measurements of each variant, of which the median counts (default ${FULL.rounds})
  --only=<text> figures whose name contains the text`;

/** The load average above which figures are unreliable. */
const BUSY_LOAD = 0.5;

interface BenchOptions {
  readonly json: boolean;
  readonly scale: Scale;
  readonly only: string;
}

/**
 * Measures a subject. Passes the lines of each figure to `print`, and skipped peers with their reasons to
 * `note`.
 */
export async function bench(
  subject: string,
  options: BenchOptions,
  print: (text: string) => void,
  note: (text: string) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const [load] = Deno.loadavg();
  if (load > BUSY_LOAD && !options.scale.tiny) {
    note(`other programs are using this machine (load ${load.toFixed(1)}): figures will be low and vary`);
  }
  for (const comparison of SUBJECTS[subject](options.scale)) {
    if (!comparison.figure.includes(options.only)) continue;
    const figure = await compare(comparison, options.scale.rounds).catch((error) => {
      if (!(error instanceof Unavailable)) throw error;
      note(`${subject} · ${comparison.figure} skipped: ${error.message}`);
    });
    if (!figure) continue;
    print(options.json ? jsonLine(figure) : textBlock(figure));
    for (const line of skippedLines(figure)) note(line);
    figures.push(figure);
  }
  return figures;
}

/** The subject and options of a command line, or what is wrong with it. */
function parse(args: readonly string[]): { subject: string; options: BenchOptions } | string {
  let subject: string | undefined;
  let [json, tiny, only] = [false, false, ""];
  let rounds: number | undefined;
  for (const arg of args) {
    const [name, value] = arg.split("=", 2);
    if (arg === "--json") json = true;
    else if (arg === "--tiny") tiny = true;
    else if (name === "--only" && value) only = value;
    else if (name === "--rounds" && Number.isInteger(Number(value)) && Number(value) > 0) {
      rounds = Number(value);
    } else if (subject === undefined && Object.hasOwn(SUBJECTS, arg)) subject = arg;
    else return `Cannot run the benchmark as "${arg}" is neither a subject nor an option`;
  }
  if (subject === undefined) return "Cannot run the benchmark as the subject is missing";
  const scale = tiny ? TINY : FULL;
  return { subject, options: { json, only, scale: { ...scale, rounds: rounds ?? scale.rounds } } };
}

if (import.meta.main) {
  const parsed = parse(Deno.args);
  if (typeof parsed === "string") {
    console.error(`${parsed}\n\n${USAGE}`);
    Deno.exit(2);
  }
  await bench(parsed.subject, parsed.options, console.log, console.error);
}
