/**
 * The folder in which one node keeps everything: `state.kv`, `format`, the lock, and `node.json`.
 *
 * The lock is the kernel's (`flock`), which frees it when the process that holds it ends, in any way.
 */

import { join } from "node:path";
import { DenizenError, messageOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { denoDisk } from "../../world/deno_disk.ts";
import type { Disk, DiskFile } from "../../world/disk.ts";
import { openDenoKv } from "../kv/deno_kv.ts";
import { storageError } from "../kv/errors.ts";
import { FORMAT_VERSION, isReadable } from "../kv/layout.ts";
import { checkSqliteFile, sizeOf } from "../kv/sqlite_file.ts";
import type { Storage } from "../storage.ts";
import { keepCopy } from "./kept_copy.ts";
import { type NodeInfo, PublishedNode, readNodeFile, removeNodeFile } from "./node_file.ts";
import { readFileIfAny, replaceFile } from "./replaced_file.ts";

/** Has the format of the folder. Written when `state.kv` is complete for the first time. */
const FORMAT_FILE = "format";
const LOCK_FILE = "lock";
const STATE_FILE = "state.kv";

/** Opens the database of a data folder, or makes it. One that `isInUse` has something in it. */
export type OpenDatabase = (file: string, options: OpenDatabaseOptions) => Promise<Storage>;

export interface OpenDatabaseOptions {
  readonly log?: Log;
  readonly isInUse?: boolean;
}

export interface DataFolderOptions {
  readonly log?: Log;
  /** Where all but the database is. Default: the machine's. */
  readonly disk?: Disk;
  /** Default: Deno KV, on the machine's disk. */
  readonly openDatabase?: OpenDatabase;
}

export class DataFolder implements AsyncDisposable {
  readonly #disk: Disk;
  readonly #lock: DiskFile;
  readonly #log: Log | undefined;
  #published: PublishedNode | undefined;

  private constructor(
    readonly path: string,
    readonly storage: Storage,
    disk: Disk,
    lock: DiskFile,
    log: Log | undefined,
  ) {
    this.#disk = disk;
    this.#lock = lock;
    this.#log = log;
  }

  /**
   * Opens `path` for one node, and creates it if there is none. A folder of an older format is upgraded; a
   * copy of its database is kept in it.
   *
   * @throws {DenizenError} `data_locked` if a node runs on it, `bad_option` if a file is in its way,
   * `data_read_only`, `data_corrupt` or `disk_full`.
   */
  static async open(path: string, options: DataFolderOptions = {}): Promise<DataFolder> {
    const { disk = denoDisk, log, openDatabase } = options;
    let lock: DiskFile | undefined;
    let storage: Storage | undefined;
    try {
      await makeFolder(disk, path);
      lock = await disk.open(join(path, LOCK_FILE), { read: true, write: true, create: true, mode: 0o600 });
      if (!await lock.tryLock(true)) throw await lockedError(disk, path);
      // A node that was killed cannot take its file away.
      await removeNodeFile(disk, path);
      const format = await readFormat(disk, path);
      if (openDatabase === undefined) storage = await openState(disk, path, format, log);
      else if (format === undefined) storage = await openNew(disk, path, openDatabase, log);
      else storage = await openDatabase(join(path, STATE_FILE), { log, isInUse: true });
      return new DataFolder(path, storage, disk, lock, log);
    } catch (thrown) {
      await storage?.[Symbol.asyncDispose]();
      lock?.close();
      throw storageError("open", path, thrown);
    }
  }

  /** Publishes how to reach the node on this machine. */
  async publish(info: NodeInfo): Promise<void> {
    using _ = this.#published;
    this.#published = await PublishedNode.write(this.#disk, this.path, info);
  }

  /** Closes the storage and frees the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#published?.remove();
    } catch (error) {
      // The next node removes it.
      this.#log?.warn("node file not removed", { folder: this.path, error });
    }
    try {
      await this.storage[Symbol.asyncDispose]();
    } finally {
      this.#lock.close();
    }
  }
}

async function makeFolder(disk: Disk, path: string): Promise<void> {
  try {
    await disk.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists || cause instanceof Deno.errors.NotADirectory)) {
      throw cause;
    }
    throw new DenizenError("bad_option", `Cannot open ${path} as a file is in its way: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function lockedError(disk: Disk, path: string): Promise<DenizenError> {
  const holder = (await readNodeFile(path, disk).catch(() => undefined))?.info;
  const who = holder ? `process ${holder.pid} at ${holder.url}` : "a process that is still starting";
  return new DenizenError("data_locked", `Cannot open ${path} as a node runs on it: ${who}`, {
    data: holder && { pid: holder.pid, url: holder.url, name: holder.name },
  });
}

/** Opens the database of a folder that has `format`, and upgrades both. */
async function openState(
  disk: Disk,
  path: string,
  format: number | undefined,
  log: Log | undefined,
): Promise<Storage> {
  const file = join(path, STATE_FILE);
  if (format === undefined) {
    await createPrivate(file);
    return await openNew(disk, path, openDenoKv, log);
  }
  if (await sizeOf(file) === 0) {
    throw new DenizenError(
      "data_corrupt",
      `Cannot open ${path} as it has been in use, but ${STATE_FILE} is missing or empty: restore it, or delete ${FORMAT_FILE} to start with empty data`,
    );
  }
  await makePrivate(file);
  if (format < FORMAT_VERSION) {
    await checkSqliteFile(file, { isInUse: true });
    const copy = await keepCopy(file, format);
    // Before the database: a folder that still has the older format has no newer database.
    await writeFormat(disk, path);
    const hint = "delete the copy once no older version of Denizen needs it";
    log?.warn("data upgraded", { folder: path, from: format, to: FORMAT_VERSION, copy, hint });
  }
  return await openDenoKv(file, { log, isInUse: true });
}

/** Makes a database, and says in `format` that it is complete. */
async function openNew(
  disk: Disk,
  path: string,
  openDatabase: OpenDatabase,
  log: Log | undefined,
): Promise<Storage> {
  const storage = await openDatabase(join(path, STATE_FILE), { log });
  try {
    await writeFormat(disk, path);
    return storage;
  } catch (thrown) {
    await storage[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function writeFormat(disk: Disk, path: string): Promise<void> {
  await replaceFile(disk, join(path, FORMAT_FILE), `${FORMAT_VERSION}\n`);
}

/** SQLite itself would make the file readable by everybody. It gives its log the same mode as the file. */
async function createPrivate(file: string): Promise<void> {
  using _ = await Deno.open(file, { write: true, create: true, mode: 0o600 });
}

async function makePrivate(file: string): Promise<void> {
  const { mode } = await Deno.stat(file);
  // A user who may write the file, but does not own it, cannot change its mode.
  if (mode !== null && mode & 0o077) await Deno.chmod(file, mode & 0o700).catch(() => {});
}

/** The format of a folder, `undefined` if it was never used. */
async function readFormat(disk: Disk, path: string): Promise<number | undefined> {
  const text = (await readFileIfAny(disk, join(path, FORMAT_FILE)))?.trim();
  if (text === undefined) return undefined;
  const format = Number(text);
  if (!isReadable(format)) {
    throw new DenizenError(
      "data_corrupt",
      `Cannot open ${path} as this version of Denizen reads formats up to ${FORMAT_VERSION}: format ${text}`,
    );
  }
  return format;
}
