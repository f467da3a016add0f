/** Where instances of one pack live and run, until it ends: by `close`, by a trap, by a crash, by being stopped. */
import type { PackDescription, Ports } from "@denizen/pack-sdk";
import { DenizenError } from "../../errors.ts";

/** How long one call may take, in milliseconds; `undefined` where nothing can stop it, or nothing should. */
export type TimeLimit = number | undefined;

export interface Tick {
  readonly instance: number;
  readonly input: Ports;
  /** JSON text of an object. */
  readonly config: string;
  /** It may take long, and does not hold up the node's own thread. */
  readonly blocking: boolean;
  readonly timeLimitMs: TimeLimit;
  /** When its caller stops waiting, in monotonic time; `Infinity` if it never does. */
  readonly deadline: number;
}

export interface Engine {
  readonly description: PackDescription;
  /** It runs nothing any more, and its instances are gone. */
  readonly ended: boolean;
  create(factory: number): number | Promise<number>;
  destroy(instance: number): void | Promise<void>;
  /** Throws `EngineEnded` if the call never began, and a `PackFault` or a `DenizenError` if it failed. */
  tick(tick: Tick): Ports | Promise<Ports>;
  /** The same without waiting for anything; `undefined` if that cannot be. */
  tickAtOnce?(tick: Tick): Ports | undefined;
  /** Bytes of the pack's memory, as far as they are known. */
  memoryBytes(): number;
  /** Ends every instance. Waits for calls that run. */
  close(): Promise<void>;
  /** Ends at once, whatever runs; native code in this process cannot be stopped and is left to itself. */
  abort(): Promise<void>;
}

/** Why a call does not begin: its deadline passed while it waited. */
export function tooLate(): DenizenError {
  return new DenizenError("pack_timeout", "Cannot begin the call as its deadline has passed");
}

/** Opens a new engine for the same pack. */
export type OpenEngine = () => Promise<Engine>;

/** The engine ended before the call began: it may be made on another one. Never leaves this folder. */
export class EngineEnded extends Error {
  override readonly name = "EngineEnded";

  constructor(readonly reason: DenizenError | undefined) {
    super("The engine ended before the call began");
  }
}
