/** Writes the entry of a pack into a `deno.json` and preserves everything else, comments included. */
import { ExplainedError } from "../terminal/failure.ts";
import { writeFileWhole } from "../launch/whole_file.ts";

export type PackEntry = string | Readonly<Record<string, unknown>>;

/**
 * The entry of a pack under `denizen.packs`.
 *
 * @throws {ExplainedError} if the file cannot be read.
 */
export async function readPackEntry(file: string, name: string): Promise<PackEntry | undefined> {
  const { findNodeAtLocation, getNodeValue, parseTree } = await import("jsonc-parser");
  const tree = parseTree(await readConfig(file), [], { allowTrailingComma: true });
  const node = tree && findNodeAtLocation(tree, ["denizen", "packs", name]);
  return node && getNodeValue(node);
}

/** Writes the entry. Creates the file if it does not exist. */
export async function writePackEntry(file: string, name: string, entry: PackEntry): Promise<void> {
  const { applyEdits, modify } = await import("jsonc-parser");
  const text = await readConfig(file);
  const edits = modify(text, ["denizen", "packs", name], entry, { formattingOptions: formattingOf(text) });
  const edited = applyEdits(text, edits);
  await writeFileWhole(file, [new TextEncoder().encode(edited.endsWith("\n") ? edited : edited + "\n")]);
}

async function readConfig(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return "{}\n";
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExplainedError({ code: "app_unreadable", message: `Cannot read ${file} as ${reason}` });
  }
}

/** The indentation of the file, taken from its first indented line. */
function formattingOf(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const indent = /^([ \t]+)["{[]/m.exec(text)?.[1] ?? "  ";
  const insertSpaces = !indent.includes("\t");
  return {
    insertSpaces,
    tabSize: insertSpaces ? indent.length : 1,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}
