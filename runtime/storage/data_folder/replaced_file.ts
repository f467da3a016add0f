/** Small files that are replaced at a stroke: whoever reads sees the old or the new one, also after a crash. */

/** Writes `text` for the owner's eyes only. */
export async function replaceFile(path: string, text: string): Promise<void> {
  using _ = await replaceLocked(path, text);
}

/** As {@link replaceFile}; the file is locked before it can be found under its name, and stays so until it is closed. */
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

/** Removes a file, if there is one. */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}
