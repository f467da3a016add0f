/** `denizen compile`: compiles apps, their generated code, pages and packs into one executable. */
import { isKvServer } from "@denizen/runtime/storage";
import * as path from "node:path";
import type { App } from "../launch/app_config.ts";
import { packsOf } from "../launch/app_packs.ts";
import { defineCommand, type OptionValues, readList } from "../terminal/command.ts";
import { EXIT, ExplainedError, UsageError } from "../terminal/failure.ts";
import { generateApps } from "../launch/generation.ts";
import { findCheckout } from "../launch/installation.ts";
import { LaunchFile } from "../launch/launch_file.ts";
import { hostInAddress, permissionsOf } from "../launch/permissions.ts";
import { isFolder, MEMORY, readServeOptions, SERVE_OPTIONS } from "../launch/serve_options.ts";
import { readApps } from "../launch/serve_plan.ts";
import { shownPath, type Terminal } from "../terminal/terminal.ts";
import { compileFlags, launcherFlags } from "./program_permissions.ts";
import { runDeno } from "./run_deno.ts";
import { writeSelfContained } from "./self_contained.ts";
import { type CompilePlan, stageProgram } from "./staging.ts";

const OPTIONS = {
  output: {
    type: "string",
    short: "o",
    value: "<file>",
    help: "the executable (default: the name of the app)",
  },
  "self-contained": {
    type: "boolean",
    help:
      "embed the Deno of this machine, compressed, instead of downloading one; it is unpacked at the first start",
  },
  target: { type: "string", value: "<triple>", help: "the platform to compile for (default: this one)" },
  include: {
    type: "string",
    value: "<list>",
    help: "files and folders that the apps read, separated by commas, relative to the folder of an app",
  },
  ...SERVE_OPTIONS,
} as const;

type Values = OptionValues<typeof OPTIONS>;

export const compile = defineCommand({
  name: "compile",
  summary: "Compiles apps, with their pages and packs, into one executable.",
  usage: "<app>... -o <file> [options]",
  arguments: [1, Infinity],
  options: OPTIONS,
  notes: [
    "--host, --port, --data, --name, --origins, --hosts and --log set the defaults of the executable.",
    "Its permissions are those of denizen run and cannot be changed later. A self-contained executable may store data in\n" +
    "any folder given to it with --data. Others may store data only in the one given here, but they may read every file.",
    "Packs in the folder packs next to the executable are loaded when it starts; native code runs only if it was compiled\n" +
    "in.",
    "Without --self-contained, Deno downloads its runtime once; the environment variable DENORT_BIN names a local one.",
  ],
  examples: [
    "denizen compile counter.ts -o counter",
    "denizen compile shop chat -o shop --data /var/lib/shop --port 80",
    "denizen compile . -o app --self-contained",
  ],
  async run(values, files, terminal) {
    checkOptions(values);
    const apps = await readApps(files);
    const output = path.resolve(values.output ?? nameOf(apps));
    await checkOutput(output);
    const { processes } = await generateApps(apps);
    const { includes, defaults } = readLists(values);
    const plan = { name: nameFor(output), apps, processes, packs: await packsOf(apps), includes, defaults };
    const begun = performance.now();
    await writeProgram(plan, output, values);
    return await announce(output, performance.now() - begun, terminal);
  },
});

function checkOptions(values: Values): void {
  readServeOptions(values);
  if (values["self-contained"] && values.target !== undefined) {
    throw new UsageError(
      `Cannot compile for ${values.target} as a self-contained executable contains the Deno of this machine`,
      "omit --self-contained or --target",
    );
  }
}

function readLists(values: Values): Pick<CompilePlan, "includes" | "defaults"> {
  const { include, host, port, data, name, origins, hosts, log } = values;
  const given = Object.entries({ host, port, data, name, origins, hosts, log }).filter(([, value]) =>
    value !== undefined
  );
  return {
    includes: readList(include),
    defaults: Object.fromEntries(given),
  };
}

async function checkOutput(output: string): Promise<void> {
  const info = await Deno.stat(output).catch(() => undefined);
  if (info?.isDirectory) {
    throw new UsageError(
      `Cannot write the executable as a folder has that name: ${output}`,
      "choose another name with -o",
    );
  }
  const folder = await Deno.stat(path.dirname(output)).catch(() => undefined);
  if (!folder?.isDirectory) {
    throw new UsageError(`Cannot write the executable as there is no such folder: ${path.dirname(output)}`);
  }
}

/** A name that is safe in shells and file systems. */
function nameFor(output: string): string {
  return path.basename(output).replace(/\.exe$/, "").replace(/[^\w.-]+/g, "-") || "app";
}

/** The name of the first app: that of its module or folder. */
function nameOf([first]: readonly App[]): string {
  const name = path.parse(first!.file).name;
  return Deno.build.os === "windows" ? `${name}.exe` : name;
}

async function writeProgram(plan: CompilePlan, output: string, values: Values): Promise<void> {
  const { apps, packs, defaults } = plan;
  const checkout = await findCheckout();
  await using launch = await LaunchFile.write(apps, checkout, (folder) =>
    permissionsOf(apps, {
      ...{ hostname: "127.0.0.1", port: 0, data: MEMORY, packs: [], packCache: folder },
      installation: [...checkout?.folders ?? [], folder],
    }));
  const folder = path.join(launch.folder, "program");
  await Deno.mkdir(folder);
  await stageProgram(plan, launch, folder);
  const { host = "127.0.0.1", port = "8080", data = ".denizen" } = defaults;
  const server = isKvServer(data) ? data : undefined;
  if (values["self-contained"]) {
    const permissions = launcherFlags(apps, packs, server);
    await writeSelfContained(output, {
      name: plan.name,
      folder,
      permissions,
      defaults: { host, port, data },
    });
    return;
  }
  const location = { host: hostInAddress(host), data: isFolder(data) ? data : undefined, server };
  const others = [...Deno.readDirSync(folder)].filter(({ name }) => name !== "main.js");
  await runDeno("compile the app", [
    ...["compile", "--quiet", "--no-prompt", "--no-check", "--unstable-kv", "--no-lock", "--no-config"],
    ...compileFlags(apps, packs, location),
    ...others.flatMap(({ name }) => ["--include", path.join(folder, name)]),
    ...(values.target === undefined ? [] : ["--target", values.target]),
    ...["--output", output, path.join(folder, "main.js")],
  ]);
}

async function announce(output: string, ms: number, terminal: Terminal): Promise<number> {
  const { size } = await Deno.stat(output).catch((cause) => {
    throw new ExplainedError({
      code: "compile",
      message: `Cannot find the executable that was compiled: ${cause.message}`,
    });
  });
  terminal.object({ event: "compiled", file: output, bytes: size, ms: Math.round(ms) });
  terminal.line(
    `Compiled ${shownPath(output)}: ${Math.round(size / 1e6)} MB in ${(ms / 1000).toFixed(1)} s.`,
  );
  return EXIT.ok;
}
