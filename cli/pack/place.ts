/** Where packs are that commands work on. */
import { ExplainedError, UsageError } from "../failure.ts";

/**
 * Makes sure that there is something at the path of a pack.
 *
 * @throws {UsageError}
 */
export async function checkPackPath(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch {
    throw new UsageError(`Cannot find the pack as there is no such file or folder: ${path}`);
  }
}

/**
 * Writes a file whole or not at all.
 *
 * @throws {ExplainedError} if it cannot be written.
 */
export async function writeFileWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.writeFile(draft, bytes);
    await Deno.rename(draft, path);
  } catch (cause) {
    throw new ExplainedError({
      code: "bad_option",
      message: `Cannot write ${path} as ${cause instanceof Error ? cause.message : cause}`,
    });
  } finally {
    await Deno.remove(draft).catch(() => {});
  }
}
