/**
 * The folder in which one node keeps everything: `state.kv`, `format`, the lock, and `node.json`.
 *
 * The lock is the kernel's (`flock`): it ends with the process that holds it, however that ends.
 */

import { join } from "node:path";
import { DenizenError, messageOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
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

export interface DataFolderOptions {
  readonly log?: Log;
}

export class DataFolder implements AsyncDisposable {
  readonly #lock: Deno.FsFile;
  #published: PublishedNode | undefined;

  private constructor(readonly path: string, readonly storage: Storage, lock: Deno.FsFile) {
    this.#lock = lock;
  }

  /**
   * Opens `path` for one node, and creates it if there is none. A folder of an older format is upgraded; a copy of
   * its database is kept in it.
   *
   * @throws {DenizenError} `data_locked` if a node runs on it, `bad_option` if a file is in its way,
   * `data_read_only`, `data_corrupt` or `disk_full`.
   */
  static async open(path: string, options: DataFolderOptions = {}): Promise<DataFolder> {
    let lock: Deno.FsFile | undefined;
    let storage: Storage | undefined;
    try {
      await makeFolder(path);
      lock = await Deno.open(join(path, LOCK_FILE), { read: true, write: true, create: true, mode: 0o600 });
      if (!await lock.tryLock(true)) throw await lockedError(path);
      // A node that was killed cannot take its file away.
      await removeNodeFile(path);
      const format = await readFormat(path);
      storage = await openState(path, format, options.log);
      return new DataFolder(path, storage, lock);
    } catch (thrown) {
      await storage?.[Symbol.asyncDispose]();
      lock?.close();
      throw storageError("open", path, thrown);
    }
  }

  /** Publishes how to reach the node on this machine. */
  async publish(info: NodeInfo): Promise<void> {
    using _ = this.#published;
    this.#published = await PublishedNode.write(this.path, info);
  }

  /** Closes the storage and frees the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#published?.remove();
    await this.storage[Symbol.asyncDispose]();
    this.#lock.close();
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists || cause instanceof Deno.errors.NotADirectory)) {
      throw cause;
    }
    throw new DenizenError("bad_option", `Cannot open ${path} as a file is in its way: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function lockedError(path: string): Promise<DenizenError> {
  const holder = (await readNodeFile(path).catch(() => undefined))?.info;
  const who = holder ? `process ${holder.pid} at ${holder.url}` : "a process that has not told who it is";
  return new DenizenError("data_locked", `Cannot open ${path} as a node runs on it: ${who}`, {
    data: holder && { pid: holder.pid, url: holder.url, name: holder.name },
  });
}

/** Opens the database of a folder that has `format`, and upgrades both. */
async function openState(path: string, format: number | undefined, log: Log | undefined): Promise<Storage> {
  const file = join(path, STATE_FILE);
  if (format === undefined) {
    await createPrivate(file);
    const storage = await openDenoKv(file, { log });
    try {
      await writeFormat(path);
    } catch (thrown) {
      await storage[Symbol.asyncDispose]();
      throw thrown;
    }
    return storage;
  }
  await makePrivate(file);
  if (format < FORMAT_VERSION) {
    await checkSqliteFile(file, { isInUse: true });
    const copy = await keepCopy(file, format);
    // Before the database: a folder that still has the older format has no newer database.
    await writeFormat(path);
    const hint = "delete the copy once no older version of Denizen needs it";
    log?.warn("data upgraded", { folder: path, from: format, to: FORMAT_VERSION, copy, hint });
  }
  return await openDenoKv(file, { log, isInUse: true });
}

async function writeFormat(path: string): Promise<void> {
  await replaceFile(join(path, FORMAT_FILE), `${FORMAT_VERSION}\n`);
}

/** SQLite would make a file that everybody may read, and gives its log the mode of the file. */
async function createPrivate(file: string): Promise<void> {
  using _ = await Deno.open(file, { write: true, create: true, mode: 0o600 });
}

async function makePrivate(file: string): Promise<void> {
  const { mode } = await Deno.stat(file);
  // Who may write a file need not own it.
  if (mode !== null && mode & 0o077) await Deno.chmod(file, mode & 0o700).catch(() => {});
}

/** The format of a folder, `undefined` if it was never used. */
async function readFormat(path: string): Promise<number | undefined> {
  const text = (await readFileIfAny(join(path, FORMAT_FILE)))?.trim();
  if (text === undefined) return undefined;
  const format = Number(text);
  if (!isReadable(format)) {
    throw new DenizenError(
      "data_corrupt",
      `Cannot open ${path} as this version of Denizen reads formats up to ${FORMAT_VERSION}: format ${text}`,
    );
  }
  if (await sizeOf(join(path, STATE_FILE)) > 0) return format;
  throw new DenizenError(
    "data_corrupt",
    `Cannot open ${path} as it was in use, but ${STATE_FILE} is missing or empty: restore it, or begin anew without ${FORMAT_FILE}`,
  );
}
