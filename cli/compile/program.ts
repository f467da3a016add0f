/**
 * The program of a compiled executable: one node with its apps, without sources and generator. A generated
 * entry module imports this and the classes of the apps.
 */
import type { Contract } from "@denizen/macro";
import {
  define,
  type Definition,
  exportedClass,
  findPacks,
  hostDefinitions,
  type Node,
  type PackRequest,
} from "@denizen/runtime";
import { isKvServer } from "@denizen/runtime/storage";
import * as path from "node:path";
import { defineCommand } from "../terminal/command.ts";
import { exitCodeOf, explain, UsageError } from "../terminal/failure.ts";
import { logOutput } from "../terminal/log_output.ts";
import { announceReady } from "../launch/ready_notice.ts";
import {
  isFolder,
  readServeOptions,
  type ServeDefaults,
  type ServeOptions,
  serveOptions,
  TAKE_OVER,
} from "../launch/serve_options.ts";
import { stopNode } from "../launch/stop_node.ts";
import { StopSignals } from "../terminal/stop_signals.ts";
import { outliveStrayFailures } from "../launch/stray_failures.ts";
import { Terminal } from "../terminal/terminal.ts";

export interface CompiledProcess {
  /** The exports of the module of its class. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly contract: Contract;
  /** The folder of its page, relative to the folder of the program. */
  readonly ui?: string;
}

export interface CompiledApp {
  readonly name: string;
  readonly processes: readonly CompiledProcess[];
  /** Their paths are relative to the folder of the program. */
  readonly packs: readonly PackRequest[];
  /** The options given to `denizen compile`; the command line of the program overrides them. */
  readonly defaults: ServeDefaults;
}

export interface ProgramPlace {
  /** The folder of the files that were compiled in. */
  readonly folder: string;
  /** The file that users start; packs next to it are loaded too. */
  readonly executable: string;
  /** The folder that native libraries are opened from. Default: `packs` in the data folder. */
  readonly libraries?: string;
  readonly args: readonly string[];
}

/** Next to the executable, for packs that were not compiled in. */
const PACKS_FOLDER = "packs";

/** Runs the program and prints its output. Resolves to the exit code. */
export async function runProgram(app: CompiledApp, place: ProgramPlace): Promise<number> {
  const program = path.basename(place.executable);
  const command = defineCommand({
    name: app.name,
    program,
    summary: `Hosts ${app.name} on one node.`,
    usage: "[options]",
    arguments: [0, 0],
    options: { ...serveOptions(app.defaults), ...TAKE_OVER },
    notes: [
      `Packs in the folder ${PACKS_FOLDER} next to this program are loaded too.`,
      "Ctrl+C or SIGTERM lets running handlers finish, saves and stops; a second one stops at once.",
    ],
    examples: [program, `${program} --port 9000 --data /var/lib/${app.name}`],
    run: (values, _args, terminal) => {
      const given = Object.entries(values).filter(([, value]) => value !== undefined);
      const options = readServeOptions({ ...NOTHING_GIVEN, ...app.defaults, ...Object.fromEntries(given) });
      checkServer(options.data, app);
      return hostUntilStopped(app, place, options, terminal);
    },
  });
  try {
    return await command.run(place.args);
  } catch (thrown) {
    const explanation = explain(thrown);
    new Terminal(place.args.includes("--json")).failure(explanation);
    return exitCodeOf(explanation);
  }
}

/** The network permissions of a program are fixed when it is compiled. */
function checkServer(data: string, { defaults }: CompiledApp): void {
  if (!isKvServer(data) || data === defaults.data) return;
  throw new UsageError(
    `Cannot store data at ${data} as this program may not connect to it`,
    "compile the program with this --data",
  );
}

const NOTHING_GIVEN = {
  host: undefined,
  port: undefined,
  data: undefined,
  name: undefined,
  origins: undefined,
  hosts: undefined,
  log: undefined,
};

async function hostUntilStopped(
  app: CompiledApp,
  place: ProgramPlace,
  options: ServeOptions,
  terminal: Terminal,
): Promise<number> {
  const log = logOutput(options.log);
  outliveStrayFailures(log);
  using signals = new StopSignals();
  const node = await hostDefinitions(app.processes.map((process) => definitionOf(process, place)), {
    ...options,
    log,
    packs: await packsAt(app, place),
    packHost: packHostAt(place, options),
  });
  const { name, url, port, definitions } = node;
  announceReady(terminal, { name, url, port, pid: Deno.pid, definitions }, options);
  await signals.first;
  return await stopNode(stoppable(node), signals, terminal);
}

function definitionOf({ exports, contract, ui }: CompiledProcess, { folder }: ProgramPlace): Definition {
  // The entry module was generated from the class and this contract.
  const target = exportedClass(exports, contract.className)!;
  return define(target, contract, ui === undefined ? undefined : path.join(folder, ui));
}

async function packsAt({ packs }: CompiledApp, { folder, executable }: ProgramPlace): Promise<PackRequest[]> {
  const compiled = packs.map((request) => ({ ...request, path: path.join(folder, request.path) }));
  const adjacent = await findPacks({ directories: [path.join(path.dirname(executable), PACKS_FOLDER)] });
  return [...compiled, ...adjacent.values()];
}

/** An executable of `deno compile` contains no `deno` that could run isolated packs. */
function packHostAt({ folder, libraries }: ProgramPlace, { data }: ServeOptions) {
  const cache = libraries ?? (isFolder(data) ? path.join(data, "packs") : undefined);
  return {
    ...cache !== undefined && { cache },
    workerModule: new URL(`file://${encodeURI(path.join(folder, "wasm_worker.js"))}`),
    ...!Deno.build.standalone && {
      childCommand: () =>
        [
          Deno.execPath(),
          ...["run", "--quiet", "--no-prompt", "--no-config", "--allow-ffi"],
          path.join(folder, "native_child.js"),
        ] as const,
    },
  };
}

function stoppable(node: Node) {
  return {
    drain: async (options: { readonly keepVolatile: boolean }) => {
      await node.drain(options);
      return undefined;
    },
    // The process ends right after this.
    kill: () => Promise.resolve(),
  };
}
