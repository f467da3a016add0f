/** Writes files so that readers never see a part of one. */
import { ExplainedError } from "../terminal/failure.ts";

/**
 * Replaces a file by writing a new one and renaming it.
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
