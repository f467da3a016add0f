/**
 * The program that `denizen compile` makes: one node with its apps, in one process, with neither sources nor
 * a generator. A generated entry module imports this and the classes of the apps.
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
  /** What the module of its class exports. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly contract: Contract;
  /** The folder of its page, relative to the program's own. */
  readonly ui?: string;
}

export interface CompiledApp {
  readonly name: string;
  readonly processes: readonly CompiledProcess[];
  /** Their paths are relative to the program's own folder. */
  readonly packs: readonly PackRequest[];
  /** What `denizen compile` was told; the program's own command line comes first. */
  readonly defaults: ServeDefaults;
}

export interface ProgramPlace {
  /** The folder with what was compiled in. */
  readonly folder: string;
  /** What people start; packs beside it are loaded too. */
  readonly executable: string;
  /** Where native libraries are opened from. Default: the data folder. */
  readonly libraries?: string;
  readonly args: readonly string[];
}

/** Beside the executable, for packs that were not compiled in. */
const PACKS_FOLDER = "packs";

/** Runs it. Resolves to the exit code; everything it has to say is printed by then. */
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
      `Packs in the folder ${PACKS_FOLDER} beside this program are loaded too.`,
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

/** What a program may reach on the network is fixed when it is compiled. */
function checkServer(data: string, { defaults }: CompiledApp): void {
  if (!isKvServer(data) || data === defaults.data) return;
  throw new UsageError(
    `Cannot keep data at ${data} as this program may not connect to it`,
    "compile the program with this --data",
  );
}

const NOTHING_GIVEN = {
  host: undefined,
  port: undefined,
  data: undefined,
  name: undefined,
  origins: undefined,
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
  announceReady(terminal, { name, url, port, pid: Deno.pid, definitions }, options.data);
  await signals.first;
  return await stopNode(stoppable(node), signals, terminal);
}

function definitionOf({ exports, contract, ui }: CompiledProcess, { folder }: ProgramPlace): Definition {
  // The entry module was made from the class and this contract.
  const target = exportedClass(exports, contract.className)!;
  return define(target, contract, ui === undefined ? undefined : path.join(folder, ui));
}

async function packsAt({ packs }: CompiledApp, { folder, executable }: ProgramPlace): Promise<PackRequest[]> {
  const compiled = packs.map((request) => ({ ...request, path: path.join(folder, request.path) }));
  const beside = await findPacks({ directories: [path.join(path.dirname(executable), PACKS_FOLDER)] });
  return [...compiled, ...beside.values()];
}

/** An executable of `deno compile` has no Deno to start for an isolated pack. */
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
    // The process ends with the exit code that follows.
    kill: () => Promise.resolve(),
  };
}
