/** A copy of a database in an older format, kept next to the upgraded one until the operator deletes it. */

import { dirname } from "node:path";
import { denoDisk } from "../../world/deno_disk.ts";
import { sizeOf } from "../kv/sqlite_file.ts";
import { removeFile, syncFolder } from "./replaced_file.ts";

/** The files of an SQLite database. The third, `-shm`, is rebuilt from them. */
const SUFFIXES = ["-wal", ""];

/**
 * Copies the database `file` to `<file>.format-<format>`, in the place of an earlier copy. The database must
 * not be open. When this resolves, the copy is durable.
 *
 * @returns the path of the copy, which is a database like the original.
 */
export async function keepCopy(file: string, format: number): Promise<string> {
  const copy = `${file}.format-${format}`;
  const drafts = SUFFIXES.map((suffix) => `${copy}${suffix}.new`);
  try {
    for (const [i, suffix] of SUFFIXES.entries()) await copyIfAny(file + suffix, drafts[i]!);
    for (const suffix of SUFFIXES) await removeFile(denoDisk, copy + suffix);
    for (const [i, suffix] of SUFFIXES.entries()) await renameIfAny(drafts[i]!, copy + suffix);
    await syncFolder(denoDisk, dirname(copy));
    return copy;
  } catch (thrown) {
    for (const draft of drafts) await removeFile(denoDisk, draft).catch(() => {});
    throw thrown;
  }
}

async function copyIfAny(from: string, to: string): Promise<void> {
  await removeFile(denoDisk, to);
  // `checkSqliteFile` leaves an empty log.
  if (await sizeOf(from) === 0) return;
  await Deno.copyFile(from, to);
  await Deno.chmod(to, 0o600);
  using file = await Deno.open(to, { write: true });
  await file.sync();
}

async function renameIfAny(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}
