/** Where packs are that commands work on. */
import { UsageError } from "../terminal/failure.ts";

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
