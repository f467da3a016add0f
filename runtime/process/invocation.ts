/** One message on its way through one process: what was asked, by whom, until when, and what came of it. */
import type { HandlerContract, SavePolicy } from "@denizen/macro";
import { DenizenError } from "../errors.ts";
import type { HttpExchange } from "./context.ts";
import type { Handler } from "./definition.ts";

/** The process an invocation is for, as far as other invocations need to know it. */
export interface Unit {
  readonly id: string;
  /** The handler it is running; further messages wait for it. */
  readonly running: Invocation | null;
}

/** How a message came and how its value leaves: the form in which the handler's value must exist outside of the process. */
export interface Carrier {
  readonly name: "local" | "http" | "socket" | "none";
  /** @throws {DecodeError} if the value is not what the handler's type says. */
  result(contract: HandlerContract | undefined, value: unknown): unknown;
}

/** Lifecycle of an invocation. */
export const enum Stage {
  /** Waits in the mailbox. Next: Running, Done. */
  Waiting,
  /** Its handler has started. Next: Done. */
  Running,
  /** It has its answer; a handler that runs on past its deadline changes nothing of it. Next: none. */
  Done,
}

export class Invocation {
  stage: Stage = Stage.Waiting;
  value: unknown = undefined;
  error: DenizenError | undefined = undefined;
  /**
   * The newest commit that what is known here depends on (G3): until it starts that of its sender, then that of its process. The
   * answer leaves the node after that one is durable.
   */
  position = 0;
  /** Called once, synchronously, when it is done. */
  onDone: ((invocation: Invocation) => void) | null = null;
  /** Calls its handler has in flight. */
  calls: Set<Invocation> | null = null;
  /** Releases of what the handler sent, held until its changes are durable. */
  effects: (() => void)[] | null = null;
  exchange: HttpExchange | undefined = undefined;
  /** The next one in the mailbox. */
  next: Invocation | null = null;
  /** Its deadline is being watched. */
  watched = false;
  /** What a serial handler that throws goes back to: an image, or a copy of the state. */
  savepoint: unknown = undefined;
  /** How the handlers that ran inside of it want to be saved; it is done when this one ends. */
  joined: Set<SavePolicy> | null = null;
  /** Its handler went on after its first turn: others may have changed the state since it began. */
  awaited = false;
  /** Another handler that ran inside of the same one has ended meanwhile: undoing this one would undo that one. */
  entangled = false;
  /** Its handler has ended, if it ever started; its answer may have been given before, by a deadline. */
  ended = false;
  /** Handlers that wait for this one, one inside the other. */
  readonly depth: number;
  #trace: string | undefined = undefined;
  #abort: AbortController | undefined = undefined;

  constructor(
    readonly unit: Unit,
    readonly handler: Handler,
    readonly args: readonly unknown[],
    readonly carrier: Carrier,
    /** The handler that waits for this one, if a process sent it. */
    readonly parent: Invocation | null,
    /** In monotonic time. */
    readonly deadline: number,
  ) {
    this.depth = parent === null ? 0 : parent.depth + 1;
  }

  /** Whether a handler of `unit` waits for this one, directly or through others. */
  comesFrom(unit: Unit): boolean {
    for (let outer = this.parent; outer; outer = outer.parent) {
      if (outer.unit === unit && outer.stage === Stage.Running) return true;
    }
    return false;
  }

  /** Whether `other` waits for this one, directly or through others. */
  isInside(other: Invocation): boolean {
    for (let outer = this.parent; outer; outer = outer.parent) {
      if (outer === other) return true;
    }
    return false;
  }

  trace(uuid: () => string): string {
    return this.#trace ??= this.parent ? this.parent.trace(uuid) : uuid();
  }

  /** Made on demand: most handlers never ask. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.stage === Stage.Done) this.#abort.abort(this.error);
    return this.#abort.signal;
  }

  finish(error: DenizenError | undefined, value?: unknown): void {
    if (this.stage === Stage.Done) return;
    this.stage = Stage.Done;
    this.value = value;
    this.error = error;
    const done = this.onDone;
    this.onDone = null;
    done?.(this);
  }

  /** The deadline passed. A handler that has started goes on, with its signal aborted, but its answer comes too late. */
  expire(): void {
    if (this.stage === Stage.Done) return;
    const state = this.stage === Stage.Running ? "its handler still runs" : "it still waits for its turn";
    this.abandon(
      new DenizenError(
        "timeout",
        `Cannot answer ${this.handler.tag} of ${this.unit.id} in time as ${state}`,
      ),
    );
  }

  /** Answers before the handler does. */
  abandon(error: DenizenError): void {
    if (this.stage === Stage.Done) return;
    this.finish(error);
    this.#abort?.abort(error);
  }
}
