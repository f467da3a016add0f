/** `denizen pack list`: the packs of apps, where each would run and why, and which do not load. */
import { withoutUnprintable } from "@denizen/runtime";
import * as path from "node:path";
import { type App, readApp } from "../launch/app_config.ts";
import { packsByName } from "../launch/app_packs.ts";
import { defineCommand, type OptionValues } from "../terminal/command.ts";
import { EXIT, UsageError } from "../terminal/failure.ts";
import { NodeClient, TARGET_OPTIONS } from "../launch/node_client.ts";
import { permissionsOf } from "../launch/permissions.ts";
import { MEMORY } from "../launch/serve_options.ts";
import { shownPath } from "../terminal/terminal.ts";
import { alignedColumns } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ListedPack, ListWork } from "./list_child.ts";
import { shownSize } from "./pack_text.ts";
import { runInChild } from "./child_process.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

export const list = defineCommand({
  name: "pack list",
  summary: "Lists the packs of apps: where each runs and why, and its templates.",
  usage: "[app]... [options]",
  arguments: [0, Infinity],
  options: {
    running: { type: "boolean", help: "list the packs that a running node has loaded instead" },
    ...TARGET_OPTIONS,
  },
  notes: [
    "The packs of an app are those that denizen.packs of its deno.json names and those in the folder packs next to it. Each is\n" +
    "loaded once as a test: WebAssembly in a worker, native code in a process of its own if the app allows native code.",
    "native   in the process of the node, fastest     isolated  native code in a process of its own\n" +
    "wasm     sandboxed, on the thread of the node    worker    sandboxed, in a worker",
  ],
  examples: ["denizen pack list", "denizen pack list shop chat --json", "denizen pack list --running"],
  async run(values, files, terminal) {
    if (values.running) return await listRunning(values, files, terminal);
    const target = (["data", "url", "token"] as const).find((name) => values[name] !== undefined);
    if (target) throw new UsageError(`Cannot use --${target} as it requires --running`);
    const apps = await Promise.all((files.length === 0 ? ["."] : files).map(readApp));
    let failed = false;
    for (const app of apps) {
      const packs = await listPacks(app);
      failed ||= packs.some(({ failure }) => failure !== undefined);
      terminal.object({ app: app.file, packs });
      if (!terminal.json) print(app, packs, terminal);
    }
    return failed ? EXIT.failed : EXIT.ok;
  },
});

async function listRunning(
  values: OptionValues<typeof TARGET_OPTIONS>,
  files: readonly string[],
  terminal: Terminal,
): Promise<number> {
  if (files.length > 0) throw new UsageError(`Cannot use --running as it does not take apps: ${files[0]}`);
  const client = await NodeClient.find(values);
  const packs = await client.packs();
  terminal.object({ url: client.url, pid: client.pid, packs });
  const rows = packs.map(({ name, version, place, instances, restarts, memoryBytes }) => [
    withoutUnprintable(name),
    version,
    place,
    String(instances),
    String(restarts),
    shownSize(memoryBytes),
  ]);
  const head = ["PACK", "VERSION", "RUNS", "ACTORS", "RESTARTS", "MEMORY"];
  const [title, ...lines] = alignedColumns([head, ...rows], [3, 4, 5]);
  terminal.line(terminal.bold(title!));
  lines.forEach((line, at) => {
    terminal.line(line);
    terminal.line(terminal.dim(`  ${packs[at]!.reason}`));
  });
  return EXIT.ok;
}

/** Loads the packs of an app as a test, in the order in which a node loads them. */
async function listPacks(app: App): Promise<ListedPack[]> {
  const packs = [...await packsByName(app)];
  if (packs.length === 0) return [];
  await using folder = await TemporaryFolder.make();
  const listed: ListedPack[] = [];
  const mayRunNative = packs.some(([, { native }]) => native);
  await runInChild<ListWork, ListedPack>({
    program: import.meta.resolve("./list_child.ts"),
    input: { packs, permissions: nativePermissions(app, packs), folder: folder.path },
    permissions: [
      "--allow-read",
      `--allow-write=${folder.path}`,
      "--ignore-env",
      ...mayRunNative ? ["--allow-run"] : [],
    ],
    onEvent: (pack) => listed.push(pack),
  });
  return listed;
}

/** The permissions for native code of a node that hosts the app. */
function nativePermissions(app: App, packs: ListWork["packs"]): ListWork["permissions"] {
  const { ffi, run } = permissionsOf([app], {
    hostname: "127.0.0.1",
    port: 0,
    data: MEMORY,
    installation: [],
    packs: packs.map(([, request]) => request),
    packCache: path.resolve("packs"),
  });
  return { ffi: ffi?.allow === true, run: run?.allow === true || (run?.allow?.length ?? 0) > 0 };
}

function print(app: App, packs: readonly ListedPack[], terminal: Terminal): void {
  terminal.line(terminal.bold(shownPath(app.file)));
  if (packs.length === 0) {
    terminal.line("  It has no packs. Add one with denizen pack add <path>.");
    return;
  }
  const rows = packs.map(({ name, version, place, path, failure }) => [
    withoutUnprintable(name),
    version ?? "-",
    failure ? "failed" : place!,
    shownPath(path),
  ]);
  const [head, ...lines] = alignedColumns([["PACK", "VERSION", "RUNS", "PATH"], ...rows]);
  terminal.line(`  ${terminal.bold(head!)}`);
  lines.forEach((line, at) => {
    const { failure, reason, templates } = packs[at]!;
    terminal.line(`  ${line}`);
    if (failure) terminal.line(`    ${withoutUnprintable(failure.message)}`);
    else terminal.line(terminal.dim(`    ${reason}`));
    if (templates.length > 0) {
      terminal.line(terminal.dim(`    ${withoutUnprintable(templates.map(({ name }) => name).join(", "))}`));
    }
  });
}
