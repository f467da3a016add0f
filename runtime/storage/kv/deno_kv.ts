/** Opens the store on Deno KV: an SQLite file, or a KV server at an URL. */

import { DenizenError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { kvError } from "./errors.ts";
import { FORMAT_KEY, FORMAT_VERSION, type FormatRecord } from "./layout.ts";
import { KvStorage } from "./kv_storage.ts";
import { checkSqliteFile, isFile, isKvServer } from "./sqlite_file.ts";
import type { Storage } from "../storage.ts";

export interface DenoKvOptions {
  /** Receives errors of background work. */
  readonly log?: Log;
}

/**
 * Opens a store on Deno KV.
 *
 * @param place The path of an SQLite file, which is created if there is none, `:memory:`, or the URL of a KV
 * server.
 * @throws {DenizenError} `data_corrupt` if it is damaged or of an unknown format, `data_read_only`,
 * `disk_full` or `storage`.
 *
 * @example
 * ```ts ignore
 * import { openDenoKv } from "@denizen/runtime/storage";
 *
 * await using storage = await openDenoKv("./state.kv");
 * await storage.commit([{ key: ["count"], value: new Uint8Array([1]) }]);
 * ```
 */
export async function openDenoKv(place: string, options: DenoKvOptions = {}): Promise<Storage> {
  let kv: Deno.Kv | undefined;
  try {
    if (isFile(place)) await checkSqliteFile(place);
    kv = await Deno.openKv(place);
    await checkFormat(kv, place);
  } catch (thrown) {
    kv?.close();
    throw await kvError("open", place, thrown);
  }
  const storage = new KvStorage(place, kv, options.log, isKvServer(place));
  storage.startSweep();
  return storage;
}

/** Checks that the format is known and that the database is writable. */
async function checkFormat(kv: Deno.Kv, place: string): Promise<void> {
  const { value, versionstamp } = await kv.get<FormatRecord>(FORMAT_KEY);
  if (versionstamp !== null && value.format !== FORMAT_VERSION) {
    throw new DenizenError(
      "data_corrupt",
      `Cannot open ${place} as this version of Denizen reads format ${FORMAT_VERSION} only: format ${value.format}`,
    );
  }
  const atomic = kv.atomic().check({ key: FORMAT_KEY, versionstamp });
  const record: FormatRecord = { format: FORMAT_VERSION };
  if (versionstamp === null) atomic.set(FORMAT_KEY, record);
  // Another program was first with the record.
  if (!(await atomic.commit()).ok) await checkFormat(kv, place);
}
