/**
 * The `denizen` command: hosts, makes and talks to durable processes.
 *
 * @module
 */
import { call } from "./call.ts";
import { type Command, EXIT_CODES } from "./command.ts";
import { dev } from "./dev.ts";
import { exitCodeOf, explain, UsageError } from "./failure.ts";
import { gen } from "./gen.ts";
import { VERSION } from "./installation.ts";
import { newApp } from "./new.ts";
import { ps } from "./ps.ts";
import { run } from "./run.ts";
import { didYouMean } from "./suggest.ts";
import { Terminal } from "./terminal.ts";

const COMMANDS: readonly Command[] = [newApp, run, dev, gen, call, ps];

const HELP = `Denizen: durable processes on Deno.

Usage: denizen <command> [arguments] [options]

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(4)}  ${summary}`).join("\n")}

Options:
  --help     show this text; denizen <command> --help tells more
  --version  show the version

${EXIT_CODES}`;

/** Runs one command line. Resolves to its exit code; everything it has to say is printed by then. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      const topic = name === "help" ? COMMANDS.find((command) => command.name === rest[0]) : undefined;
      console.log(topic?.help ?? HELP);
      return name === undefined ? 2 : 0;
    }
    if (name === "--version" || name === "-V") {
      console.log(`denizen ${VERSION} (deno ${Deno.version.deno})`);
      return 0;
    }
    const command = COMMANDS.find((command) => command.name === name);
    if (!command) {
      throw new UsageError(
        `Cannot run denizen as there is no such command: ${name}`,
        didYouMean(name, COMMANDS.map(({ name }) => name)),
      );
    }
    return await command.run(rest);
  } catch (thrown) {
    const explanation = explain(thrown);
    new Terminal(rest.includes("--json")).failure(explanation);
    return exitCodeOf(explanation);
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
