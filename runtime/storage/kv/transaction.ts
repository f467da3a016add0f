/** What fits into one KV transaction. */

import {
  KV_COMMIT_BLOBS_MAX,
  KV_COMMIT_BYTES_MAX,
  KV_COMMIT_WRITES_MAX,
  KV_POINTER_BYTES_MAX,
  KV_VALUE_BYTES_MAX,
} from "../../limits.ts";
import { keyBytes, type Write } from "../storage.ts";

/** Adds up a transaction. It errs on the safe side. */
export class TransactionSize {
  #writes = 0;
  #bytes = 0;
  #blobs = 0;

  /** Counts `write`, whose key is a KV key and whose value is staged before if it is large. Says whether it all fits. */
  add({ key, value }: Write): boolean {
    this.#writes++;
    this.#bytes += keyBytes(key);
    if (value !== null) {
      if (value.length <= KV_VALUE_BYTES_MAX) this.#bytes += value.length;
      else {
        // The record is a write too, and names the key.
        this.#blobs++;
        this.#writes++;
        this.#bytes += keyBytes(key) + KV_POINTER_BYTES_MAX;
      }
    }
    return this.#writes <= KV_COMMIT_WRITES_MAX && this.#bytes <= KV_COMMIT_BYTES_MAX &&
      this.#blobs <= KV_COMMIT_BLOBS_MAX;
  }
}

export function fitsOneTransaction(writes: readonly Write[]): boolean {
  const size = new TransactionSize();
  return writes.every((write) => size.add(write));
}

/** Cuts `writes` into parts that fit one transaction each. */
export function* inTransactions(writes: readonly Write[]): Iterable<readonly Write[]> {
  let size = new TransactionSize();
  let part: Write[] = [];
  for (const write of writes) {
    if (!size.add(write)) {
      yield part;
      part = [];
      size = new TransactionSize();
      size.add(write);
    }
    part.push(write);
  }
  if (part.length > 0) yield part;
}
