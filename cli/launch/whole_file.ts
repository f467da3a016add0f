/** Writes files so that no reader ever sees a part of one. */
import { ExplainedError } from "../terminal/failure.ts";

/**
 * Writes a new file and renames it to `path`. If `path` is a symbolic link, its target is replaced.
 *
 * @param mode default: that of the file that is replaced, or else that of new files.
 * @throws {ExplainedError} if it cannot be written.
 */
export async function writeFileWhole(
  path: string,
  parts: readonly Uint8Array<ArrayBuffer>[],
  mode?: number,
): Promise<void> {
  const target = await Deno.realPath(path).catch(() => path);
  const draft = `${target}.${crypto.randomUUID()}.tmp`;
  try {
    const before = await Deno.stat(target).then(({ mode }) => mode, () => null);
    await Deno.writeFile(draft, ReadableStream.from(parts), { createNew: true });
    const wanted = mode ?? (before === null ? undefined : before & 0o777);
    if (wanted !== undefined && Deno.build.os !== "windows") await Deno.chmod(draft, wanted);
    await Deno.rename(draft, target);
  } catch (cause) {
    throw new ExplainedError({
      code: "bad_option",
      message: `Cannot write ${path} as ${cause instanceof Error ? cause.message : cause}`,
    });
  } finally {
    await Deno.remove(draft).catch(() => {});
  }
}
