/** `denizen pack strip`: removes files that are not needed from a bundle. */
import { inspectPack, type PackContents, stripBundle } from "@denizen/runtime/packs";
import * as path from "node:path";
import { defineCommand, readList } from "../terminal/command.ts";
import { EXIT, ExplainedError } from "../terminal/failure.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { withoutDebugSections } from "./debug_sections.ts";
import { checkPackPath } from "./pack_path.ts";
import { writeFileWhole } from "../launch/whole_file.ts";
import { counted, shownSize } from "./pack_text.ts";
import { runInChild } from "./child_process.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import type { StripEvent, StripWork } from "./strip_child.ts";

const WASM = "wasm32-unknown-unknown";

export const strip = defineCommand({
  name: "pack strip",
  summary: "Removes targets that are not needed from a bundle.",
  usage: "<bundle> [options]",
  arguments: [1, 1],
  options: {
    keep: {
      type: "string",
      value: "<targets>",
      help:
        "the targets to keep, separated by commas: triples, wasm, native (default wasm,native: those of this machine)",
    },
    symbols: {
      type: "boolean",
      help: "also remove debug symbols; from Linux libraries with llvm-strip or strip if installed",
    },
    output: {
      type: "string",
      value: "<file>",
      help: "the file to write (default: overwrite the bundle)",
    },
  },
  notes: [
    "This changes the manifest, which invalidates a signature: it is removed, and the bundle must be signed again.",
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
        message: `Cannot strip ${bundle} as it is a ${contents.kind}, not a bundle`,
      });
    }
    const keep = targetsToKeep(values.keep, contents);
    const { bytes, removed, shrunk, signatureDropped } = await stripBundle(bundle, {
      keep,
      shrink: values.symbols ? (target, bytes) => withoutSymbols(target, bytes, terminal) : undefined,
    });
    const output = values.output ?? bundle;
    await writeFileWhole(output, [bytes]);
    for (const { file, bytes } of removed) terminal.line(`removed   ${file}  ${shownSize(bytes)}`);
    for (const { target, before, after } of shrunk) {
      terminal.line(`stripped  ${target}  ${shownSize(before)} to ${shownSize(after)}`);
    }
    if (signatureDropped) {
      terminal.line("The signature was removed as it no longer matches: sign the bundle again.");
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

/** Without a list: those of the defaults that the bundle has. Targets that are named must exist. */
function targetsToKeep(list: string | undefined, { files }: PackContents): string[] {
  const triple = (name: string) => {
    if (name === "wasm" || name === "wasm32") return WASM;
    return name === "native" ? Deno.build.target : name;
  };
  if (list !== undefined) return [...new Set(readList(list).map(triple))];
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
    terminal.line(`kept the symbols of ${target}: ${reason}`);
    return bytes;
  };
  // On other systems a library may have a code signature, which covers every byte.
  if (!target.includes("linux")) return keep("only Linux libraries can be stripped");
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
  if (outcome?.tool === undefined) return keep(outcome?.reason ?? "the tool did not report a result");
  return await Deno.readFile(file);
}
