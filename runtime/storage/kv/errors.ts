/** What went wrong in a store, as an error of the closed table. */

import { DenizenError, type ErrorCode, messageOf } from "../../errors.ts";
import { isFile, sizeOf } from "./sqlite_file.ts";

interface Cause {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly reason: string;
}

const CAUSES: readonly Cause[] = [
  {
    pattern:
      /disk is full|ENOSPC|EFBIG|EDQUOT|no space left|file too large|quota exceeded|os error (27|28|122)\b/i,
    code: "disk_full",
    reason: "the disk is full",
  },
  {
    pattern: /read-?only|EROFS|EACCES|permission denied|unable to open database file|os error (13|30)\b/i,
    code: "data_read_only",
    reason: "access to it is denied",
  },
  {
    pattern:
      /not a database|malformed|corrupt|file format|no such (table|column)|value encoding .* is unknown/i,
    code: "data_corrupt",
    reason: "it is damaged",
  },
  { pattern: /database (table )?is locked/i, code: "data_locked", reason: "someone else has locked it" },
  { pattern: /^Invalid check/, code: "invalid_argument", reason: "a version is not one that it gave" },
];

/**
 * SQLite says no more than this when a quota or a limit on the size of files stops it, or when it ran out in
 * mid-commit.
 */
const DISK_TROUBLE = /disk I\/O error|no transaction is active/;

/**
 * The error for `thrown` while doing `verb`, as in "commit to". A {@link DenizenError} is passed on.
 */
export function storageError(verb: string, name: string, thrown: unknown): DenizenError {
  if (thrown instanceof DenizenError) return thrown;
  const text = messageOf(thrown);
  const known = CAUSES.find(({ pattern }) => pattern.test(text));
  const reason = known?.reason ?? "the store failed";
  return new DenizenError(known?.code ?? "storage", `Cannot ${verb} ${name} as ${reason}: ${text}`, {
    cause: thrown,
  });
}

/**
 * As {@link storageError}, for a KV store: where SQLite does not say why the disk failed it, the disk is
 * asked.
 */
export async function kvError(verb: string, place: string, thrown: unknown): Promise<DenizenError> {
  const error = storageError(verb, place, thrown);
  if (error.code !== "storage" || !isFile(place) || !DISK_TROUBLE.test(messageOf(thrown))) return error;
  const refusal = await askDisk(place);
  if (refusal === undefined || storageError(verb, place, refusal).code === "storage") return error;
  const { code, message } = storageError(verb, place, refusal);
  return new DenizenError(code, message, { cause: thrown });
}

/**
 * Writes a block where the files of the database end, into a file beside them. Gives what stands against it.
 */
async function askDisk(place: string): Promise<unknown> {
  const probe = `${place}-probe`;
  try {
    const end = Math.max(await sizeOf(place), await sizeOf(`${place}-wal`));
    using file = await Deno.open(probe, { write: true, create: true, truncate: true, mode: 0o600 });
    await file.seek(end, Deno.SeekMode.Start);
    const block = new Uint8Array(64 * 1024);
    for (let written = 0; written < block.length;) written += await file.write(block.subarray(written));
    return undefined;
  } catch (refusal) {
    return refusal;
  } finally {
    await Deno.remove(probe).catch(() => {});
  }
}
