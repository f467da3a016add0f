/** Collects the bytes of a rewritten WebAssembly module. */

type Bytes = Uint8Array<ArrayBuffer>;

export class ModuleWriter {
  #bytes: Bytes;
  #length = 0;

  /** @param room the approximate number of bytes. */
  constructor(room: number) {
    this.#bytes = new Uint8Array(Math.max(room, 64));
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: ArrayLike<number>): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** An unsigned number of the format. */
  number(value: number): void {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) this.byte(value % 0x80 | 0x80);
    this.byte(value);
  }

  /** Appends the content of another writer, after its length. */
  sized(part: ModuleWriter): void {
    const { written } = part;
    this.number(written.length);
    this.bytes(written);
  }

  get written(): Bytes {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.written);
    this.#bytes = larger;
  }
}
