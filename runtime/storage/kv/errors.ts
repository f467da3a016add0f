/** Failures of a store as errors of the closed table. */

import { DenizenError, type ErrorCode, messageOf } from "../../errors.ts";
import { isFile, isKvServer, sizeOf } from "./sqlite_file.ts";

interface Cause {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly reason: string;
}

const INVALID_CHECK: Cause = {
  pattern: /^Invalid check/,
  code: "invalid_argument",
  reason: "a version is not one that it gave",
};

/** Of a server; what its disk says does not reach its clients. */
const SERVER_CAUSES: readonly Cause[] = [
  {
    pattern: /DENO_KV_ACCESS_TOKEN|Invalid access token|status 40[13]\b/,
    code: "bad_option",
    reason: "it does not accept the access token in DENO_KV_ACCESS_TOKEN",
  },
  INVALID_CHECK,
];

/** Of files. */
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
  { pattern: /database (table )?is locked/i, code: "data_locked", reason: "another program has locked it" },
  INVALID_CHECK,
];

/**
 * All that SQLite says when a quota or a limit on file sizes stops it, or when the disk fills up in
 * mid-commit.
 */
const DISK_TROUBLE = /disk I\/O error|no transaction is active/;

/**
 * The error for `thrown` while doing `verb`, as in "commit to". A {@link DenizenError} is passed on.
 */
export function storageError(verb: string, name: string, thrown: unknown): DenizenError {
  if (thrown instanceof DenizenError) return thrown;
  const text = messageOf(thrown);
  const known = (isKvServer(name) ? SERVER_CAUSES : CAUSES).find(({ pattern }) => pattern.test(text));
  const reason = known?.reason ?? "the store failed";
  return new DenizenError(known?.code ?? "storage", `Cannot ${verb} ${name} as ${reason}: ${text}`, {
    cause: thrown,
  });
}

/**
 * As {@link storageError}, for a KV store: where SQLite does not say how the disk failed, a write to it finds
 * out.
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
 * Writes a block where the files of the database end, to a file next to them. Returns the error, if it fails.
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
