/**
 * What runs one process and holds its state: an instance of a class, a template of a pack. The runtime
 * decides when; the executor knows how.
 *
 * The order of calls: `open` once, then any number of the others, then `close` once. Nothing is called while
 * `open` is under way.
 */
import type { Handler } from "./handler.ts";

/** A state as it was saved: its fields in wire form, and the version of the class that wrote it. */
export interface SavedState {
  readonly version: number;
  readonly state: unknown;
}

/** What the state was at one moment; only its executor can read it. */
export type Savepoint = object;

export interface Executor {
  /**
   * Brings the process to life, with the state that was saved if there is one.
   *
   * @throws what is wrong with the saved state; it stays as it is (G8).
   */
  open(saved: SavedState | undefined): void | Promise<void>;
  /** Calls the handler. A promise it returns is the handler's, and settles with it. */
  run(handler: Handler, args: readonly unknown[], context: unknown): unknown;
  /**
   * The state as JSON text. Two equal states of one process have equal texts.
   *
   * @throws {DecodeError} if a value is not what its type says, or the state is too large.
   */
  capture(): string;
  /** Throws what {@link capture} would. */
  check(): void;
  /** Remembers the state as it is, to go back to. */
  savepoint(): Savepoint;
  /** Goes back. The objects of the state stay the same ones. */
  rollBack(savepoint: Savepoint): void;
  /** Ends it: the process leaves memory, or begins again from what was saved. */
  close(): void;
}
