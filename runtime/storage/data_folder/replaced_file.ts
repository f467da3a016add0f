/** Small files that are replaced atomically: a reader sees the old or the new one, also after a crash. */

import { dirname } from "node:path";
import type { Disk, DiskFile } from "../../world/disk.ts";

/** Writes `text` to a file that only its owner can read. */
export async function replaceFile(disk: Disk, path: string, text: string): Promise<void> {
  using _ = await replaceLocked(disk, path, text);
}

/** As {@link replaceFile}; the file is locked before it gets its name, and until it is closed. */
export async function replaceLocked(disk: Disk, path: string, text: string): Promise<DiskFile> {
  const draft = `${path}.new`;
  await removeFile(disk, draft);
  const file = await disk.open(draft, { read: true, write: true, createNew: true, mode: 0o600 });
  try {
    // The draft has no other user.
    await file.tryLock(true);
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    await file.sync();
    await disk.rename(draft, path);
    await syncFolder(disk, dirname(path));
    return file;
  } catch (thrown) {
    file.close();
    await removeFile(disk, draft).catch(() => {});
    throw thrown;
  }
}

/** The text of a file, or `undefined` if there is none. */
export async function readFileIfAny(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return await disk.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

/** Makes what was created, renamed and removed in a folder durable. */
export async function syncFolder(disk: Disk, path: string): Promise<void> {
  using folder = await disk.open(path, { read: true });
  await folder.sync();
}

/** Removes a file, if there is one. */
export async function removeFile(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}
