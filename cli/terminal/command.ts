/** What every command is made of: its options, its help and what it does. */
import { parseArgs } from "node:util";
import { UsageError } from "./failure.ts";
import { didYouMean } from "./suggest.ts";
import { Terminal } from "./terminal.ts";

export interface Option {
  readonly type: "boolean" | "string";
  /** One letter that means the same: `-o`. */
  readonly short?: string;
  /** How help shows a string's value: `--port <number>`. */
  readonly value?: string;
  readonly help: string;
}

type Options = Readonly<Record<string, Option>>;

export type OptionValues<O extends Options> = {
  readonly [Name in keyof O]: O[Name]["type"] extends "boolean" ? boolean : string | undefined;
};

export interface CommandSpec<O extends Options> {
  readonly name: string;
  /** How it is called: `denizen run`, where the name is `run`. */
  readonly program?: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What stands behind the command's name: `<app>... [options]`. */
  readonly usage: string;
  /** The least and most arguments beside options. */
  readonly arguments: readonly [least: number, most: number];
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
  /** Of a group: what it can be followed by. */
  readonly commands?: readonly Command[];
  /** @throws {UsageError} if the arguments cannot be understood. */
  run(args: readonly string[]): Promise<number>;
}

const COMMON = {
  json: { type: "boolean", help: "write one JSON object per line, for programs" },
  help: { type: "boolean", short: "h", help: "show this text" },
} as const satisfies Options;

export const EXIT_CODES =
  "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 the call was answered with an error,\n" +
  "130 or 143 stopped by force.";

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
      const [least, most] = spec.arguments;
      if (positionals.length < least || positionals.length > most) {
        const what = positionals.length < least ? "an argument is missing" : "it has too many arguments";
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
        "it has no such option",
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
    throw new UsageError(`Cannot listen as --port is a whole number from 0 to 65535: ${text}`);
  }
  return port;
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Reads a length of time with its unit, such as `500ms` or `1.5m`, as milliseconds. */
export function readDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (!match) {
    throw new UsageError(
      `Cannot use --${option} as it needs a number and ms, s, m or h, such as 30s: ${text}`,
    );
  }
  return Math.round(Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS]);
}
