/** Checks the paths of packs on the command line. */
import { UsageError } from "../terminal/failure.ts";

/**
 * @throws {UsageError} if the file or folder does not exist.
 */
export async function checkPackPath(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch {
    throw new UsageError(`Cannot find the pack as there is no such file or folder: ${path}`);
  }
}
