/** How a command is defined: its options, its help and what it does. */
import { parseArgs } from "node:util";
import { UsageError } from "./failure.ts";
import { didYouMean } from "./suggest.ts";
import { Terminal } from "./terminal.ts";

interface Option {
  readonly type: "boolean" | "string";
  /** A one-letter form: `-o`. */
  readonly short?: string;
  /** How the help shows the value of a string option: `--port <number>`. */
  readonly value?: string;
  readonly help: string;
}

type Options = Readonly<Record<string, Option>>;

export type OptionValues<O extends Options> = {
  readonly [Name in keyof O]: O[Name]["type"] extends "boolean" ? boolean : string | undefined;
};

interface CommandSpec<O extends Options> {
  readonly name: string;
  /** What users type, if not `denizen` and the name. */
  readonly program?: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows the name of the command: `<app>... [options]`. */
  readonly usage: string;
  /** The minimum and maximum number of arguments, options not counted. */
  readonly arguments: readonly [min: number, max: number];
  readonly options: O;
  /** Paragraphs below the options. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  /** Resolves to the exit code. */
  run(values: OptionValues<O>, args: readonly string[], terminal: Terminal): Promise<number>;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  /** The commands of a group. */
  readonly commands?: readonly Command[];
  /** @throws {UsageError} if the arguments are wrong. */
  run(args: readonly string[]): Promise<number>;
}

const COMMON = {
  json: { type: "boolean", help: "write one JSON object per line, for programs" },
  help: { type: "boolean", short: "h", help: "show this text" },
} as const satisfies Options;

export const EXIT_CODES =
  "Exit codes: 0 success, 1 failure, 2 wrong command line, 3 the call was answered with an error,\n" +
  "130 or 143 stopped by a signal before it had finished.";

export function defineCommand<const O extends Options>(spec: CommandSpec<O>): Command {
  const options: Options = { ...spec.options, ...COMMON };
  const program = programOf(spec);
  const help = helpOf(spec, options);
  return {
    name: spec.name,
    summary: spec.summary,
    help,
    run: async (args) => {
      const { values, positionals } = read(program, args, options);
      if (values.help) {
        console.log(help);
        return 0;
      }
      const [min, max] = spec.arguments;
      if (positionals.length < min || positionals.length > max) {
        const what = positionals.length < min ? "an argument is missing" : "there are too many arguments";
        throw new UsageError(
          `Cannot run ${program} as ${what}: usage is ${program} ${spec.usage}`,
          `see ${program} --help`,
        );
      }
      return await spec.run(values as OptionValues<O>, positionals, new Terminal(values.json === true));
    },
  };
}

function programOf({ name, program = `denizen ${name}` }: { name: string; program?: string }): string {
  return program;
}

function read(program: string, args: readonly string[], options: Options) {
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values: Record<string, boolean | string | undefined> = {};
  for (const [name, { type }] of Object.entries(options)) {
    values[name] = type === "boolean" ? false : undefined;
  }
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name } = token;
    const option = options[name];
    const fail = (reason: string, hint?: string): never => {
      throw new UsageError(
        `Cannot run ${program} as ${reason}: ${token.rawName}`,
        hint ?? `see ${program} --help`,
      );
    };
    if (!option) {
      return fail(
        "there is no such option",
        didYouMean(token.rawName, Object.keys(options).map((known) => `--${known}`)),
      );
    }
    if (option.type === "string" && (token.value === undefined || token.value === "")) {
      return fail(`the option needs a value, ${option.value ?? "<text>"}`);
    }
    if (option.type === "boolean" && token.value !== undefined) return fail("the option takes no value");
    values[name] = option.type === "boolean" ? true : token.value;
  }
  return { values, positionals };
}

function helpOf<O extends Options>(spec: CommandSpec<O>, options: Options): string {
  const rows = Object.entries(options).map(([name, option]) =>
    [
      (option.short && name !== "help" ? `-${option.short}, --${name}` : `--${name}`) +
      (option.type === "boolean" ? "" : ` ${option.value ?? "<text>"}`),
      option.help,
    ] as const
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `${spec.summary}\n`,
    `Usage: ${programOf(spec)} ${spec.usage}\n`,
    "Options:",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    ...(spec.notes ?? []).map((note) => `\n${note}`),
    `\n${EXIT_CODES}`,
    "\nExamples:",
    ...spec.examples.map((example) => `  ${example}`),
  ].join("\n");
}

/** Reads `--port`. */
export function readPort(text: string | undefined): number {
  const port = text === undefined ? 8080 : Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`Cannot listen as --port must be a whole number from 0 to 65535: ${text}`);
  }
  return port;
}

/** Reads a list whose items are separated by commas; empty items are ignored. */
export function readList(text: string | undefined): string[] {
  return text?.split(",").map((item) => item.trim()).filter((item) => item !== "") ?? [];
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Reads a duration with its unit, such as `500ms` or `1.5m`. Returns milliseconds. */
export function readDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (!match) {
    throw new UsageError(
      `Cannot use --${option} as it must be a number with ms, s, m or h, such as 30s: ${text}`,
    );
  }
  return Math.round(Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS]);
}
