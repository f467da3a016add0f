/**
 * Native libraries as files that `dlopen` can open.
 *
 * I1. A file of the cache is named after its hash, and its content is compared with that name on every use.
 * I2. Each load opens a private copy: two loads of one library share no variables, and no other process can
 * change it in between.
 */
import { sha256 } from "@denizen/pack-sdk";
import { join } from "node:path";
import { DenizenError, messageOf } from "../../errors.ts";
import type { Log } from "../../log.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A library in a folder of its own, which is removed once the library is open. */
export interface PlacedLibrary extends AsyncDisposable {
  readonly path: string;
}

export class LibraryCache {
  readonly #log: Log;

  /** Without a path there is no cache. */
  constructor(readonly path: string | undefined, log: Log) {
    this.#log = log;
  }

  /**
   * The bytes with that hash: from the cache if it has them unchanged, otherwise unpacked and then cached.
   */
  async get(hash: string, unpack: () => Promise<Bytes>): Promise<Bytes> {
    if (this.path === undefined) return await unpack();
    const file = join(this.path, hash);
    const kept = await readIfAny(file);
    if (kept && await sha256(kept) === hash) return kept;
    if (kept) this.#log.warn("cached library does not match its hash, unpacking it again", { file });
    const bytes = await unpack();
    await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
    const draft = await Deno.makeTempFile({ dir: this.path, prefix: "draft-" });
    await Deno.writeFile(draft, bytes);
    await Deno.rename(draft, file);
    return bytes;
  }

  /** Writes a library to a folder of its own, from which it can be opened. */
  async place(bytes: Bytes): Promise<PlacedLibrary> {
    if (this.path !== undefined) await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
    const folder = await Deno.makeTempDir({ dir: this.path, prefix: "pack-" });
    const path = join(folder, Deno.build.os === "windows" ? "pack.dll" : "pack.so");
    await Deno.writeFile(path, bytes, { mode: 0o500 });
    return {
      path,
      // Windows does not delete open files; its next start clears temporary folders.
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }).catch(() => {}),
    };
  }
}

async function readIfAny(path: string): Promise<Bytes | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw new DenizenError(
      "pack_unreadable",
      `Cannot read a cached library as ${messageOf(thrown)}: ${path}`,
      {
        cause: thrown,
      },
    );
  }
}
