/** Small files that are replaced atomically: a reader sees the old or the new one, also after a crash. */

import { dirname } from "node:path";

/** Writes `text` to a file that only its owner can read. */
export async function replaceFile(path: string, text: string): Promise<void> {
  using _ = await replaceLocked(path, text);
}

/** As {@link replaceFile}; the file is locked before it gets its name, and until it is closed. */
export async function replaceLocked(path: string, text: string): Promise<Deno.FsFile> {
  const draft = `${path}.new`;
  await removeFile(draft);
  const file = await Deno.open(draft, { read: true, write: true, createNew: true, mode: 0o600 });
  try {
    await file.lock(true);
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    await file.sync();
    await Deno.rename(draft, path);
    await syncFolder(dirname(path));
    return file;
  } catch (thrown) {
    file.close();
    await removeFile(draft).catch(() => {});
    throw thrown;
  }
}

/** The text of a file, or `undefined` if there is none. */
export async function readFileIfAny(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

/** Makes what was created, renamed and removed in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path, { read: true });
  await folder.sync();
}

/** Removes a file, if there is one. */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}
