/**
 * What a handler leaves behind that must be durable, as data. The effects of one handler are one group of the
 * commit queue: durable together or not at all. A new kind of durable thing is a new kind here, and goes
 * through {@link CommitQueue.append} with the state that it belongs to.
 */
import type { StorageKey } from "../storage/storage.ts";

export interface Effect {
  /**
   * - `state`: a process's state, as its next start reads it.
   * - `volatile state`: that of a process which never saves, for the one start after a reload.
   */
  readonly kind: "state" | "volatile state";
  readonly key: StorageKey;
  /**
   * Equal for equal keys and for no others. Of the effects on one key that wait, only the last is written.
   */
  readonly id: string;
  /** Text is stored as UTF-8, `null` deletes. */
  readonly value: string | Uint8Array | null;
}
