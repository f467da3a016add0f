/**
 * `denizen pack types`: generates typed modules of packs, with which calls of their templates are
 * type-checked.
 */
import { withoutUnprintable } from "@denizen/runtime";
import type { PackDescription } from "@denizen/macro/generate";
import { inspectPack } from "@denizen/runtime/packs";
import * as path from "node:path";
import { readApp } from "../launch/app_config.ts";
import { defineCommand } from "../terminal/command.ts";
import { EXIT } from "../terminal/failure.ts";
import { shownPath } from "../terminal/terminal.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type PackModules, updatePackModule, updatePackModules } from "../launch/pack_modules.ts";
import { checkPackPath } from "./pack_path.ts";
import { verifyInChild } from "./verify.ts";

export const types = defineCommand({
  name: "pack types",
  summary: "Generates a typed module for each pack of an app, or of one pack.",
  usage: "[app|pack]... [options]",
  arguments: [0, Infinity],
  options: {},
  notes: [
    "For an app, writes generated/<name>_pack.ts next to its deno.json for each pack; run, dev and gen do so for packs with a\n" +
    "manifest. For a pack, writes the module to generated/ in this folder. Each template is a constant:\n" +
    "  const words = await ctx.packs.actor(tokenize);\n" +
    '  const { tokens } = await words.run({ input: "two words" });',
    "A pack that does not list its templates is run to find them: WebAssembly in a worker, native code never.",
  ],
  examples: ["denizen pack types", "denizen pack types shop chat", "denizen pack types packs/text"],
  async run(_values, paths, terminal) {
    let failed = false;
    for (const file of paths.length === 0 ? ["."] : paths) {
      await checkPackPath(file);
      const modules = await isPack(file)
        ? await updatePackModule(
          path.resolve("generated"),
          (await inspectPack(file)).name,
          { path: file },
          describeByRunning,
        )
        : await updatePackModules(await readApp(file), { describe: describeByRunning });
      showModules(modules, terminal);
      failed ||= modules.failures.length > 0;
    }
    return failed ? EXIT.failed : EXIT.ok;
  },
});

/** Runs the WebAssembly module of a pack to find its templates; `undefined` if it has no module. */
export async function describeByRunning(file: string, name: string): Promise<PackDescription | undefined> {
  const { report } = await verifyInChild(file, { native: false, conformance: false, skip: [] });
  if (!report.files.some(({ ran }) => ran)) return undefined;
  return { name, version: "", description: "", templates: report.templates };
}

export function showModules(modules: PackModules, terminal: Terminal): void {
  const { written, removed, refused, failures } = modules;
  terminal.object({ event: "types", ...modules });
  for (const file of written) terminal.line(`wrote    ${shownPath(file)}`);
  for (const file of removed) terminal.line(`removed  ${shownPath(file)}`);
  for (const type of refused) terminal.line(`unknown  ${withoutUnprintable(type)}: not a type of plain data`);
  if (!terminal.json) { for (const { explanation } of failures) terminal.failure(explanation); }
  if (written.length + removed.length + failures.length === 0) terminal.line("Everything is up to date.");
}

/** Whether `file` is a pack: a file that is not a module of an app, or the folder of a pack. */
async function isPack(file: string): Promise<boolean> {
  const { isFile } = await Deno.stat(file);
  if (isFile) return !/\.[cm]?[jt]sx?$/.test(file);
  for (const name of ["pack.json", "manifest.json"]) {
    if (await Deno.stat(path.join(file, name)).then(({ isFile }) => isFile, () => false)) return true;
  }
  return false;
}
