/**
 * The `denizen` command: hosts, creates and calls durable processes.
 *
 * @module
 */
import { call } from "./call.ts";
import { type Command, EXIT_CODES } from "./terminal/command.ts";
import { compile } from "./compile/compile.ts";
import { dev } from "./dev.ts";
import { findCommand, helpOn } from "./terminal/command_group.ts";
import { exitCodeOf, explain } from "./terminal/failure.ts";
import { gen } from "./gen.ts";
import { VERSION } from "./launch/installation.ts";
import { newApp } from "./new.ts";
import { pack } from "./pack/commands.ts";
import { ps } from "./ps.ts";
import { run } from "./run.ts";
import { Terminal } from "./terminal/terminal.ts";

const COMMANDS: readonly Command[] = [newApp, run, dev, gen, call, ps, pack, compile];

const HELP = `Denizen: durable processes on Deno.

Usage: denizen <command> [arguments] [options]

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(7)}  ${summary}`).join("\n")}

Options:
  --help     show this text; denizen <command> --help shows that of a command
  --version  show the version

${EXIT_CODES}`;

/** Runs one command line and prints its output. Resolves to the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      console.log(name === "help" ? helpOn(COMMANDS, rest) ?? HELP : HELP);
      return name === undefined ? 2 : 0;
    }
    if (name === "--version" || name === "-V") {
      console.log(`denizen ${VERSION} (deno ${Deno.version.deno})`);
      return 0;
    }
    return await findCommand("denizen", COMMANDS, name).run(rest);
  } catch (thrown) {
    const explanation = explain(thrown);
    new Terminal(rest.includes("--json")).failure(explanation);
    return exitCodeOf(explanation);
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
