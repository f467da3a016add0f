/** The bounds of one KV transaction. */

import {
  KV_COMMIT_BYTES_MAX,
  KV_COMMIT_WRITES_MAX,
  KV_POINTER_BYTES_MAX,
  KV_VALUE_BYTES_MAX,
} from "../../limits.ts";
import { keyBytes, type Write } from "../storage.ts";

/** The size of a transaction, or somewhat more. */
export class TransactionSize {
  #writes = 0;
  #bytes = 0;
  #checksLeft: number;

  /** `checksLeft`: how many version checks the transaction has room for. Each blob takes one. */
  constructor(checksLeft: number) {
    this.#checksLeft = checksLeft;
  }

  /**
   * Counts `write`, whose key is a KV key and whose value is staged if it is large. Returns whether all of it
   * fits.
   */
  add({ key, value }: Write): boolean {
    this.#writes++;
    this.#bytes += keyBytes(key);
    if (value !== null) {
      if (value.length <= KV_VALUE_BYTES_MAX) this.#bytes += value.length;
      else {
        // The record is a write too, and names the key.
        this.#checksLeft--;
        this.#writes++;
        this.#bytes += keyBytes(key) + KV_POINTER_BYTES_MAX;
      }
    }
    return this.#writes <= KV_COMMIT_WRITES_MAX && this.#bytes <= KV_COMMIT_BYTES_MAX &&
      this.#checksLeft >= 0;
  }
}

export function fitsOneTransaction(writes: readonly Write[], checksLeft: number): boolean {
  const size = new TransactionSize(checksLeft);
  return writes.every((write) => size.add(write));
}

/** Cuts `writes` into parts that fit one transaction each. */
export function* inTransactions(writes: readonly Write[], checksLeft: number): Iterable<readonly Write[]> {
  let size = new TransactionSize(checksLeft);
  let part: Write[] = [];
  for (const write of writes) {
    if (!size.add(write)) {
      yield part;
      part = [];
      size = new TransactionSize(checksLeft);
      size.add(write);
    }
    part.push(write);
  }
  if (part.length > 0) yield part;
}
