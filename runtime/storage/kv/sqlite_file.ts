/**
 * Checks the SQLite file of a store before Deno KV opens it.
 *
 * KV alone would start a new database over a file that has become empty, would go on in a file whose end is
 * missing if it was not closed, and would end the whole program on damage in its queue tables. Nothing here
 * writes.
 */

import { DatabaseSync } from "node:sqlite";
import { DenizenError } from "../../errors.ts";
import { KV_CHECK_BYTES_MAX } from "../../limits.ts";

/** Queries of KV at its start, on its queue and its expiry index. If one fails, the whole program ends. */
const START_QUERIES = [
  "select ts from queue order by ts limit 1",
  "select id from queue_running where deadline <= 0 limit 1",
  "select expiration_ms from kv where expiration_ms >= 0 order by expiration_ms limit 1",
];

/** Whether `place` is the URL of a KV server. */
export function isKvServer(place: string): boolean {
  return /^https?:/i.test(place);
}

/** Whether `place` is a file: KV also takes `:memory:` and URLs. */
export function isFile(place: string): boolean {
  return place !== ":memory:" && !isKvServer(place);
}

/** The size of a file, 0 if there is none. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return 0;
    throw thrown;
  }
}

/**
 * Checks the file at `path`, if there is one. With `isInUse` an empty database is damage.
 *
 * @throws {DenizenError} `data_corrupt`; other errors as the file system and SQLite give them.
 */
export async function checkSqliteFile(
  path: string,
  { isInUse = false }: { readonly isInUse?: boolean } = {},
): Promise<void> {
  const bytes = await sizeOf(path);
  const logBytes = await sizeOf(`${path}-wal`);
  if (bytes === 0 && logBytes === 0) return;
  if (bytes === 0) throw corrupt(path, `it is empty, but its log is not: ${logBytes} bytes in ${path}-wal`);
  // SQLite closes its handles without releasing the locks of other handles in this program; closing a handle
  // opened here would release them.
  using database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("select name from sqlite_master where name = 'queue_running'").all();
  if (tables.length === 0) {
    if (isInUse) throw corrupt(path, `it has been in use, but is empty: ${path}-wal is missing or damaged`);
    // An unfinished new database, which KV completes.
    return;
  }
  for (const query of START_QUERIES) database.prepare(query).all();
  // A log that is left shows that the last run was killed. Without one the file ends with its last
  // page, and SQLite itself sees a page that is missing, but not one that is cut.
  if (logBytes === 0) {
    const { page_size } = database.prepare("pragma page_size").get() as { page_size: number };
    if (bytes % page_size !== 0) throw corrupt(path, `its last page is cut: ${bytes} bytes`);
  } else if (bytes <= KV_CHECK_BYTES_MAX) {
    const { quick_check } = database.prepare("pragma quick_check(1)").get() as { quick_check: string };
    if (quick_check !== "ok") throw corrupt(path, quick_check.replaceAll("\n", " "));
  }
}

function corrupt(path: string, finding: string): DenizenError {
  return new DenizenError("data_corrupt", `Cannot open ${path} as it is damaged: ${finding}`);
}
