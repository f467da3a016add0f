/** Groups of commands with a common first word, such as `denizen pack build`. */
import { type Command, EXIT_CODES } from "./command.ts";
import { UsageError } from "./failure.ts";
import { didYouMean } from "./suggest.ts";

interface GroupSpec {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Their names begin with the name of the group. */
  readonly commands: readonly Command[];
  /** Paragraphs below the commands. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
}

export function defineGroup(spec: GroupSpec): Command {
  const { name, summary } = spec;
  const commands = spec.commands.map((command) => ({ ...command, name: lastWord(command.name) }));
  const help = helpOf(spec, commands);
  return {
    name,
    summary,
    help,
    commands,
    run: async (args) => {
      const [word, ...rest] = args;
      if (word === undefined || word === "--help" || word === "-h" || word === "help") {
        console.log(word === "help" ? helpOn(commands, rest) ?? help : help);
        return word === undefined ? 2 : 0;
      }
      return await findCommand(`denizen ${name}`, commands, word).run(rest);
    },
  };
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(" ") + 1);
}

function helpOf({ name, summary, notes, examples }: GroupSpec, commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `${summary}\n`,
    `Usage: denizen ${name} <command> [arguments] [options]\n`,
    "Commands:",
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "\nOptions:",
    "  --json  write one JSON object per line, for programs",
    `  --help  show this text; denizen ${name} <command> --help shows that of a command`,
    ...(notes ?? []).map((note) => `\n${note}`),
    `\n${EXIT_CODES}`,
    "\nExamples:",
    ...examples.map((example) => `  ${example}`),
  ].join("\n");
}

/** @throws {UsageError} if there is none; it suggests the name that was probably meant. */
export function findCommand(program: string, commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  throw new UsageError(
    `Cannot run ${program} as there is no such command: ${name}`,
    didYouMean(name, commands.map(({ name }) => name)),
  );
}

/**
 * The help of the command that `words` name, such as `pack build`; `undefined` if there is no such command.
 */
export function helpOn(commands: readonly Command[], words: readonly string[]): string | undefined {
  const [word, ...rest] = words;
  const command = commands.find(({ name }) => name === word);
  if (!command) return undefined;
  return (command.commands && helpOn(command.commands, rest)) ?? command.help;
}
