/** The record in a store that names the node that owns it. `storage/FORMAT.md` has its bytes. */

import { DenizenError } from "../errors.ts";
import type { Entry, StorageKey } from "../storage/storage.ts";

export const FENCE_KEY: StorageKey = ["fence"];

export interface FenceRecord {
  /** Grows by one with every owner. */
  readonly epoch: number;
  /** A UUID of this run of the owner. */
  readonly owner: string;
  /** The owner's name, for people. */
  readonly node: string;
  /** Which of the owner's commits wrote the record: it names a commit whose outcome is unknown. */
  readonly step: number;
  /** Whether the owner has given the store back. */
  readonly released: boolean;
  /** The owner's wall time, for people. */
  readonly at: number;
}

const encoder = new TextEncoder();

export function encodeFence(record: FenceRecord): Uint8Array {
  return encoder.encode(JSON.stringify(record));
}

/** @throws {DenizenError} `data_corrupt` if the entry is not such a record. */
export function decodeFence({ value }: Entry, store: string): FenceRecord {
  const text = new TextDecoder().decode(value);
  let record: Partial<FenceRecord> | null;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw damaged(store, text, { cause });
  }
  const { epoch, owner, node, step, released, at } = record ?? {};
  if (
    typeof epoch !== "number" || typeof owner !== "string" || typeof node !== "string" ||
    typeof step !== "number" || typeof released !== "boolean" || typeof at !== "number"
  ) throw damaged(store, text);
  return { epoch, owner, node, step, released, at };
}

function damaged(store: string, text: string, options?: ErrorOptions): DenizenError {
  const reason = `Cannot open ${store} as the record of its owner is damaged: ${text.slice(0, 200)}`;
  return new DenizenError("data_corrupt", reason, options);
}
