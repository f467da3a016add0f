/** `denizen pack inspect`: shows the contents of a pack without running its code. */
import { withoutUnprintable } from "@denizen/runtime";
import { inspectPack, type PackContents } from "@denizen/runtime/packs";
import { defineCommand } from "../terminal/command.ts";
import { EXIT } from "../terminal/failure.ts";
import { alignedColumns } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checkPackPath } from "./pack_path.ts";
import { portLines, shownSize } from "./pack_text.ts";

const FORMATS: Record<PackContents["format"], string> = {
  denizen: "Denizen's format",
  reflow: "Reflow's format, v1",
  unknown: "unknown format",
};

export const inspect = defineCommand({
  name: "pack inspect",
  summary: "Shows the contents of a pack without running its code.",
  usage: "<path> [options]",
  arguments: [1, 1],
  options: {},
  notes: [
    "Takes a bundle (.pack, .rflpack), the folder of a built pack, a native library or a WebAssembly module. Checks hashes\n" +
    "and the signature; denizen pack verify also checks that the pack matches its manifest.",
  ],
  examples: ["denizen pack inspect target/hash-1.0.0.pack", "denizen pack inspect packs/hash --json"],
  async run(_values, [path = ""], terminal) {
    await checkPackPath(path);
    const contents = await inspectPack(path);
    terminal.object(contents);
    print(contents, terminal);
    return EXIT.ok;
  },
});

function print(contents: PackContents, terminal: Terminal): void {
  const { name, version, kind, format, abi, description, signedBy, files, templates } = contents;
  terminal.line(terminal.bold([name, version].filter(Boolean).join(" ")));
  if (description !== "") terminal.line(withoutUnprintable(description));
  terminal.line(`${kind}, ${FORMATS[format]}${abi === undefined ? "" : `, ABI ${abi}`}`);
  terminal.line(signedBy === undefined ? "not signed" : `signed by ${withoutUnprintable(signedBy)}`);
  const rows = files.map(({ target, file, bytes, looksLike, sha256 }) => [
    target,
    file,
    shownSize(bytes),
    looksLike,
    sha256.slice(0, 16),
  ]);
  const [head, ...lines] = alignedColumns([["TARGET", "FILE", "SIZE", "WHAT", "SHA256"], ...rows], [2]);
  terminal.line(`\n${terminal.bold(head!)}`);
  lines.forEach((line) => terminal.line(line));
  terminal.line();
  if (!templates) {
    terminal.line("It does not list its templates: denizen pack verify runs it to find them.");
    return;
  }
  terminal.line(terminal.bold("TEMPLATES"));
  for (const template of templates) {
    const about = [template.blocking ? "blocking" : "", withoutUnprintable(template.description)].filter(
      Boolean,
    ).join(
      ", ",
    );
    terminal.line([withoutUnprintable(template.name), about].filter(Boolean).join("  "));
    for (const line of portLines(template)) terminal.line(`  ${line}`);
  }
}
