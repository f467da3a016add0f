/** Runs the instances of one pack until it is closed, traps, crashes or is stopped. */
import type { PackDescription, Ports } from "@denizen/pack-sdk";
import { DenizenError } from "../../errors.ts";

/** How long one call may take, in milliseconds; `undefined` if it is unlimited or cannot be stopped. */
export type TimeLimit = number | undefined;

export interface Tick {
  readonly instance: number;
  readonly input: Ports;
  /** JSON text of an object. */
  readonly config: string;
  /** The call may take long and must not block the node's thread. */
  readonly blocking: boolean;
  readonly timeLimitMs: TimeLimit;
  /** When its caller stops waiting, in monotonic time; `Infinity` for never. */
  readonly deadline: number;
}

export interface Engine {
  readonly description: PackDescription;
  /** It runs no more calls, and its instances are gone. */
  readonly ended: boolean;
  create(factory: number): number | Promise<number>;
  destroy(instance: number): void | Promise<void>;
  /** @throws {EngineEnded} if the call never began; a `PackFault` or `DenizenError` if it failed. */
  tick(tick: Tick): Ports | Promise<Ports>;
  /** The same synchronously; `undefined` if the call would have to wait. */
  tickAtOnce?(tick: Tick): Ports | undefined;
  /** Size of the pack's memory in bytes; 0 where it is unknown. */
  memoryBytes(): number;
  /** Ends every instance, after the running calls. */
  close(): Promise<void>;
  /** Ends at once. Native code in this process cannot be stopped, so it is not waited for. */
  abort(): Promise<void>;
}

/** The error of a call whose deadline passed while it was queued. */
export function tooLate(): DenizenError {
  return new DenizenError("pack_timeout", "Cannot begin the call as its deadline has passed");
}

/** Opens a new engine for the same pack. */
export type OpenEngine = () => Promise<Engine>;

/**
 * The engine ended before the call began, so the call may be made on another one. Never leaves
 * `runtime/pack`.
 */
export class EngineEnded extends Error {
  override readonly name = "EngineEnded";

  constructor(readonly reason: DenizenError | undefined) {
    super("The engine ended before the call began");
  }
}
