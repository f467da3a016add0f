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
import { type NodeInfo, PublishedNode, readNodeFile, removeNodeFile } from "./node_file.ts";
import { readFileIfAny, replaceFile } from "./replaced_file.ts";
import { sizeOf } from "../kv/sqlite_file.ts";
import type { Storage } from "../storage.ts";

/** The format this program writes, and the only one it reads. */
const DIRECTORY_FORMAT = "1";
/** Written when `state.kv` is complete for the first time. */
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
   * Opens `path` for one node, and creates it if there is none.
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
      const isNew = await checkFormat(path);
      storage = await openDenoKv(join(path, STATE_FILE), { log: options.log });
      if (isNew) await replaceFile(join(path, FORMAT_FILE), `${DIRECTORY_FORMAT}\n`);
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

/** Returns whether the folder was never used. */
async function checkFormat(path: string): Promise<boolean> {
  const format = await readFileIfAny(join(path, FORMAT_FILE));
  if (format === undefined) return true;
  if (format.trim() !== DIRECTORY_FORMAT) {
    throw new DenizenError(
      "data_corrupt",
      `Cannot open ${path} as this version of Denizen reads format ${DIRECTORY_FORMAT} only: format ${format.trim()}`,
    );
  }
  if (await sizeOf(join(path, STATE_FILE)) > 0) return false;
  throw new DenizenError(
    "data_corrupt",
    `Cannot open ${path} as it was in use, but ${STATE_FILE} is missing or empty: restore it, or begin anew without ${FORMAT_FILE}`,
  );
}
