/**
 * `denizen pack build`: compiles packs to native code and WebAssembly, as far as compilers are installed, and
 * bundles them.
 */
import type { BuildReport } from "@denizen/pack-sdk/build";
import { bundlePack } from "@denizen/runtime/packs";
import * as path from "node:path";
import { defineCommand } from "../terminal/command.ts";
import { EXIT, explain, ExplainedError } from "../terminal/failure.ts";
import { shownPath } from "../terminal/terminal.ts";
import { alignedColumns } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checkPackPath } from "./pack_path.ts";
import { writeFileWhole } from "../launch/whole_file.ts";
import { shownSize } from "./pack_text.ts";
import { runInChild } from "./child_process.ts";

export const build = defineCommand({
  name: "pack build",
  summary: "Builds packs in target/ of their folders, and bundles each.",
  usage: "[folder]... [options]",
  arguments: [0, Infinity],
  options: {},
  notes: [
    "Reads pack.json of each folder (default: .). If a compiler is missing, it is named, and the pack is bundled without its\n" +
    "file. Unchanged sources are not compiled again.",
    "The bundle is target/<name>-<version>.pack: use it with pack add, sign and strip, and publish it.",
  ],
  examples: ["denizen pack build", "denizen pack build packs/hash packs/text"],
  async run(_values, folders, terminal) {
    let failed = false;
    const wanted = folders.length === 0 ? ["."] : folders;
    for (const folder of wanted) await checkPackPath(folder);
    for (const folder of wanted) {
      try {
        await buildOne(folder, terminal);
      } catch (thrown) {
        if (wanted.length === 1) throw thrown;
        terminal.failure(explain(thrown));
        failed = true;
      }
    }
    return failed ? EXIT.failed : EXIT.ok;
  },
});

async function buildOne(folder: string, terminal: Terminal): Promise<void> {
  let built: BuildReport | undefined;
  await runInChild<{ readonly folder: string }, BuildReport>({
    program: import.meta.resolve("./build_child.ts"),
    input: { folder: path.resolve(folder) },
    // A compiler may do anything.
    permissions: ["--allow-all"],
    onEvent: (report) => built = report,
  });
  const { manifest, target, milliseconds, skipped } = built!;
  const { name, version, files } = manifest;
  terminal.line(terminal.bold(`${name} ${version}`));
  for (const line of fileLines(built!)) terminal.line(`  ${line}`);
  for (const { carrier, missing } of skipped) {
    terminal.line(`  ${carrier} was skipped as this machine lacks ${missing}`);
  }
  if (files.length === 0) {
    throw new ExplainedError({
      code: "pack_build",
      message: `Cannot bundle ${name} as none of its compilers is installed: ${
        skipped.map(({ missing }) => missing).join("; ")
      }`,
    });
  }
  const bundle = path.join(target, `${name}-${version}.pack`);
  const { bytes } = await bundlePack(target);
  await writeFileWhole(bundle, [bytes]);
  terminal.line(`  ${shownPath(bundle)}  ${shownSize(bytes.length)}`);
  terminal.object({
    event: "built",
    folder: path.resolve(folder),
    name,
    version,
    bundle,
    bytes: bytes.length,
    files: files.map((file) => ({ ...file, milliseconds: milliseconds[file.path] ?? 0 })),
    skipped,
  });
}

function fileLines({ manifest, milliseconds }: BuildReport): string[] {
  return alignedColumns(
    manifest.files.map(({ path, bytes }) => {
      const took = milliseconds[path];
      const time = took === undefined ? "unchanged" : `in ${(took / 1000).toFixed(2)} s`;
      return [path, shownSize(bytes), time];
    }),
    [1],
  );
}
