/** `node.json` in a data folder, by which other programs find the node that runs on it. */

import { join } from "node:path";
import { DenizenError, messageOf } from "../../errors.ts";
import { denoDisk } from "../../world/deno_disk.ts";
import type { Disk, DiskFile } from "../../world/disk.ts";
import { storageError } from "../kv/errors.ts";
import { removeFile, replaceLocked } from "./replaced_file.ts";

export interface NodeInfo {
  readonly pid: number;
  readonly url: string;
  /** Permits everything. The file is readable by its owner only. */
  readonly token: string;
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly started: number;
}

export interface NodeFile {
  readonly info: NodeInfo;
  /** Whether the node runs. Otherwise it was killed. */
  readonly alive: boolean;
}

const NODE_FILE = "node.json";

/** The file as long as the node runs: its lock says that the node is alive. */
export class PublishedNode implements Disposable {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #file: DiskFile;

  private constructor(disk: Disk, path: string, file: DiskFile) {
    this.#disk = disk;
    this.#path = path;
    this.#file = file;
  }

  static async write(disk: Disk, folder: string, info: NodeInfo): Promise<PublishedNode> {
    const path = join(folder, NODE_FILE);
    try {
      const text = JSON.stringify(info, null, 2) + "\n";
      return new PublishedNode(disk, path, await replaceLocked(disk, path, text));
    } catch (thrown) {
      throw storageError("write", path, thrown);
    }
  }

  /** Removes the file, or closes it at least. */
  async remove(): Promise<void> {
    try {
      await removeFile(this.#disk, this.#path);
    } finally {
      this.#file.close();
    }
  }

  /** Closes a file that another one has replaced. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Removes the file of a killed node. */
export function removeNodeFile(disk: Disk, folder: string): Promise<void> {
  return removeFile(disk, join(folder, NODE_FILE));
}

/**
 * The file of the node on `folder`, or `undefined` if none runs and none was killed there.
 *
 * @throws {DenizenError} `data_corrupt` if the file is malformed, `data_read_only` if it may not be read.
 */
export async function readNodeFile(
  folder: string,
  disk: Disk = denoDisk,
): Promise<NodeFile | undefined> {
  const path = join(folder, NODE_FILE);
  try {
    using file = await disk.open(path, { read: true });
    // A shared lock, so that readers do not take each other for the node.
    const alive = !await file.tryLock(false);
    return { info: parse(await disk.readTextFile(path), path), alive };
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw storageError("read", path, thrown);
  }
}

function parse(text: string, path: string): NodeInfo {
  let info: Partial<Record<keyof NodeInfo, unknown>> | null;
  try {
    info = JSON.parse(text);
  } catch (cause) {
    throw new DenizenError("data_corrupt", `Cannot read ${path} as it is not JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
  const { pid, url, token, name, started } = info ?? {};
  if (
    typeof pid !== "number" || typeof url !== "string" || typeof token !== "string" ||
    typeof name !== "string" ||
    typeof started !== "number"
  ) {
    throw new DenizenError(
      "data_corrupt",
      `Cannot read ${path} as a field is missing: it has ${Object.keys(info ?? {})}`,
    );
  }
  return { pid, url, token, name, started };
}
