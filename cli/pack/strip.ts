/** `denizen pack strip`: a bundle with only what is needed. */
import { inspectPack, type PackContents, stripBundle } from "@denizen/runtime/packs";
import * as path from "node:path";
import { defineCommand } from "../terminal/command.ts";
import { EXIT, ExplainedError } from "../terminal/failure.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { withoutDebugSections } from "./debug_sections.ts";
import { checkPackPath } from "./pack_path.ts";
import { writeFileWhole } from "../launch/whole_file.ts";
import { counted, shownSize } from "../terminal/printable.ts";
import { runInChild } from "./child_process.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import type { StripEvent, StripWork } from "./strip_child.ts";

const WASM = "wasm32-unknown-unknown";

export const strip = defineCommand({
  name: "pack strip",
  summary: "Takes targets that are not needed out of a bundle.",
  usage: "<bundle> [options]",
  arguments: [1, 1],
  options: {
    keep: {
      type: "string",
      value: "<targets>",
      help:
        "what stays, separated by commas: triples, wasm, native (default wasm,native: what this machine runs)",
    },
    symbols: {
      type: "boolean",
      help: "takes debug symbols out too; of Linux libraries with llvm-strip or strip, where one is there",
    },
    output: {
      type: "string",
      value: "<file>",
      help: "where the bundle is written (default: over the one given)",
    },
  },
  notes: [
    "The manifest is written anew, so that its hashes are right; a signature is dropped then, as it would be wrong: sign again.",
  ],
  examples: [
    "denizen pack strip hash-1.0.0.pack --output hash-linux.pack",
    "denizen pack strip hash-1.0.0.pack --keep wasm --symbols",
  ],
  async run(values, [bundle = ""], terminal) {
    await checkPackPath(bundle);
    const contents = await inspectPack(bundle);
    if (contents.kind !== "bundle") {
      throw new ExplainedError({
        code: "bad_option",
        message: `Cannot strip ${bundle} as it is a ${contents.kind} and no bundle`,
      });
    }
    const keep = targetsToKeep(values.keep, contents);
    const { bytes, removed, shrunk, signatureDropped } = await stripBundle(bundle, {
      keep,
      shrink: values.symbols ? (target, bytes) => withoutSymbols(target, bytes, terminal) : undefined,
    });
    const output = values.output ?? bundle;
    await writeFileWhole(output, bytes);
    for (const { file, bytes } of removed) terminal.line(`took out  ${file}  ${shownSize(bytes)}`);
    for (const { target, before, after } of shrunk) {
      terminal.line(`stripped  ${target}  ${shownSize(before)} to ${shownSize(after)}`);
    }
    if (signatureDropped) {
      terminal.line("The signature is dropped, as it was of the bundle before: sign it again.");
    }
    terminal.line(`${output} has ${counted(keep.length, "target")}, ${shownSize(bytes.length)}.`);
    terminal.object({
      event: "stripped",
      bundle: output,
      bytes: bytes.length,
      removed,
      shrunk,
      signatureDropped,
    });
    return EXIT.ok;
  },
});

/** Of the default, what the bundle has; what is named must be there. */
function targetsToKeep(list: string | undefined, { files }: PackContents): string[] {
  const triple = (name: string) => {
    if (name === "wasm" || name === "wasm32") return WASM;
    return name === "native" ? Deno.build.target : name;
  };
  if (list !== undefined) return [...new Set(list.split(",").map((name) => triple(name.trim())))];
  const here = [WASM, Deno.build.target];
  return files.map(({ target }) => target).filter((target) => here.includes(target));
}

async function withoutSymbols(
  target: string,
  bytes: Uint8Array<ArrayBuffer>,
  terminal: Terminal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (target === WASM) return withoutDebugSections(bytes);
  const keep = (reason: string) => {
    terminal.line(`kept the symbols of ${target} as ${reason}`);
    return bytes;
  };
  // Elsewhere a library may carry a signature of the system's, which covers every byte.
  if (!target.includes("linux")) return keep("only Linux libraries are stripped");
  await using folder = await TemporaryFolder.make();
  const file = path.join(folder.path, "library");
  await Deno.writeFile(file, bytes);
  let outcome: StripEvent | undefined;
  await runInChild<StripWork, StripEvent>({
    program: import.meta.resolve("./strip_child.ts"),
    input: { files: [file] },
    permissions: ["--allow-read", "--allow-env", "--allow-run"],
    onEvent: (event) => outcome = event,
  });
  if (outcome?.tool === undefined) return keep(outcome?.reason ?? "the tool did not answer");
  return await Deno.readFile(file);
}
