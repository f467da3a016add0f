/** Hashes of the files that the generator reads and writes. */
import { basename } from "node:path";

/**
 * SHA-256, in hex. Uses Web Crypto, as loading `node:crypto` takes some 50 ms.
 */
export async function hashOf(content: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** The hash of each input file, in the order of `contents`. */
export async function hashesOf(
  contents: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<Map<string, string>> {
  const hashes = await Promise.all([...contents].map(([file, content]) => hashOfInput(file, content)));
  return new Map([...contents.keys()].map((file, at) => [file, hashes[at]!]));
}

/** Of a `deno.json` only the parts that the generator reads are hashed: a new task makes nothing stale. */
function hashOfInput(file: string, content: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!/^deno\.jsonc?$/.test(basename(file))) return hashOf(content);
  try {
    const { denizen, imports } = JSON.parse(new TextDecoder().decode(content));
    return hashOf(JSON.stringify({ denizen, imports }));
  } catch {
    // It has comments, or is not valid JSON.
    return hashOf(content);
  }
}

/** The hash of a file that may not be read. Such a file counts as unchanged. */
export const HIDDEN = "hidden";

/** The current hash of a file, `HIDDEN` without permission to read it, or `undefined` if there is none. */
export async function hashOfFile(file: string): Promise<string | undefined> {
  try {
    return await hashOfInput(file, await Deno.readFile(file));
  } catch (error) {
    const { NotFound, IsADirectory, NotADirectory, NotCapable } = Deno.errors;
    if ([NotFound, IsADirectory, NotADirectory].some((type) => error instanceof type)) return undefined;
    if (error instanceof NotCapable) return HIDDEN;
    throw error;
  }
}
