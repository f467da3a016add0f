/** Reads each file once and keeps its text, so that hashes match what was read. */
export class SourceFiles {
  readonly #contents = new Map<string, Uint8Array<ArrayBuffer> | undefined>();

  /** The text of a file, or `undefined` if there is none. */
  read(file: string): string | undefined {
    if (!this.#contents.has(file)) this.#contents.set(file, readBytes(file));
    const bytes = this.#contents.get(file);
    return bytes && new TextDecoder().decode(bytes);
  }

  /** Every file that was read, by its absolute path. */
  get found(): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
    const found = [...this.#contents].filter((entry): entry is [string, Uint8Array<ArrayBuffer>] =>
      entry[1] !== undefined
    );
    return new Map(found.sort(([a], [b]) => a < b ? -1 : 1));
  }

  /** Every file that was looked for and missing; once it exists, it may change the result. */
  get absent(): readonly string[] {
    return [...this.#contents].filter(([, bytes]) => bytes === undefined).map(([file]) => file).sort();
  }
}

/** A file without read permission counts as missing. */
function readBytes(file: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Deno.readFileSync(file);
  } catch (error) {
    const { NotFound, IsADirectory, NotADirectory, NotCapable } = Deno.errors;
    const nothing = [NotFound, IsADirectory, NotADirectory, NotCapable];
    if (nothing.some((type) => error instanceof type)) return undefined;
    throw error;
  }
}
