/**
 * One process in memory, as its parts see it: its turns, its outcomes, its contexts. The cell is what
 * implements it.
 */
import type { OutputGate } from "../commit/output_gate.ts";
import type { DenizenError } from "../errors.ts";
import type { HandlerNumbers } from "../message/call_chain.ts";
import type { Deadlines } from "../message/deadlines.ts";
import type { Activation, ProcessRef } from "./activation.ts";
import type { Context } from "./context.ts";
import type { StateHost, StateKeeper, StateOwner } from "./state_keeper.ts";

/** What the processes of a node share. */
export interface ProcessHost extends StateHost {
  readonly deadlines: Deadlines;
  readonly gate: OutputGate;
  readonly handlerNumbers: HandlerNumbers;
  context(process: Process, activation: Activation): Context;
}

export interface Process extends ProcessRef, StateOwner {
  readonly host: ProcessHost;
  readonly state: StateKeeper;
  /** It handles messages, rather than starting or ending. */
  readonly active: boolean;
  /** Why the state in memory is not valid: a commit was lost, or a change could not be undone. */
  readonly invalidated: DenizenError | undefined;
  /**
   * The newest commit that anything in this state depends on: its own, or one of a process whose answer or
   * call it has seen. What leaves the node because of this state waits for it (G3).
   */
  readonly position: number;
  /** From now on the state depends on that commit too. */
  dependOn(position: number): void;
  /**
   * The state in memory is not to be used any more: no handler on it succeeds, and the durable one is loaded
   * after the last.
   */
  invalidate(error: DenizenError): void;
  /** Counts a handler that has ended. */
  count(failed: boolean): void;
  /** Saves what `ctx.save()` asks for; see `turns.ts`. */
  checkpoint(activation: Activation): Promise<void>;
  /** The last handler in flight has ended. */
  turnsEnded(): void;
}
