/** Opens the store on Deno KV: an SQLite file, or a KV server at a URL. */

import { DenizenError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { kvError } from "./errors.ts";
import { FORMAT_KEY, FORMAT_VERSION, type FormatRecord, isReadable } from "./layout.ts";
import { KvStorage } from "./kv_storage.ts";
import { checkSqliteFile, isFile, isKvServer } from "./sqlite_file.ts";
import type { Storage } from "../storage.ts";

export interface DenoKvOptions {
  /** Receives errors of background work. */
  readonly log?: Log;
  /** Refuse an empty database, as this one has been in use. Default: false. */
  readonly isInUse?: boolean;
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
    if (isFile(place)) await checkSqliteFile(place, options);
    kv = await Deno.openKv(place);
    await checkFormat(kv, place, options);
  } catch (thrown) {
    kv?.close();
    throw await kvError("open", place, thrown);
  }
  const storage = new KvStorage(place, kv, options.log, isKvServer(place));
  storage.startSweep();
  return storage;
}

/** Checks that the format is known and that the database is writable, and upgrades an older format. */
async function checkFormat(kv: Deno.Kv, place: string, options: DenoKvOptions): Promise<void> {
  const { value, versionstamp } = await kv.get<FormatRecord>(FORMAT_KEY);
  if (versionstamp === null && options.isInUse) {
    throw new DenizenError("data_corrupt", `Cannot open ${place} as it has been in use, but is empty`);
  }
  if (versionstamp !== null && !isReadable(value.format)) {
    throw new DenizenError(
      "data_corrupt",
      `Cannot open ${place} as this version of Denizen reads formats up to ${FORMAT_VERSION}: format ${value.format}`,
    );
  }
  const atomic = kv.atomic().check({ key: FORMAT_KEY, versionstamp });
  const record: FormatRecord = { format: FORMAT_VERSION };
  if (value?.format !== FORMAT_VERSION) atomic.set(FORMAT_KEY, record);
  // After a conflict another program has written the record.
  if (!(await atomic.commit()).ok) return await checkFormat(kv, place, options);
  if (versionstamp !== null && value.format !== FORMAT_VERSION && isKvServer(place)) {
    options.log?.warn("data upgraded", { storage: place, from: value.format, to: FORMAT_VERSION });
  }
}
