/**
 * Folders for measured data, under the workspace's `.denizen/`: on the project's own disk, because a `/tmp`
 * in memory would falsify every durable figure.
 */
export const DATA_ROOT = new URL("../.denizen/bench/", import.meta.url).pathname;

/** Gives `use` an empty folder and always removes it afterwards. */
export async function withFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  await Deno.mkdir(DATA_ROOT, { recursive: true });
  const path = await Deno.makeTempDir({ dir: DATA_ROOT });
  try {
    return await use(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}
