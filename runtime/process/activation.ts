/**
 * One message on its way through one process: the running handler, once it has started, and what came of it.
 * The message itself (message/message.ts) is data and never changes; everything that changes is here.
 */
import type { HandlerContract, SavePolicy } from "@denizen/macro";
import type { Release } from "../commit/release.ts";
import { DenizenError } from "../errors.ts";
import { type HandlerNumbers, Hop, waitsIn } from "../message/call_chain.ts";
import type { Message } from "../message/message.ts";
import type { HttpExchange } from "./context.ts";
import type { Handler } from "./handler.ts";
import type { Savepoint } from "./executor.ts";

/** The process an activation is in, as far as others need to know it. */
export interface ProcessRef {
  readonly id: string;
  /** The newest commit that its state depends on, as of now. */
  readonly position: number;
  /** How often its state was discarded: a stream that began before that must not go on. */
  readonly losses: number;
  /** The serial handler it is running; further messages wait for it. */
  readonly running: Activation | null;
  /** Whether one of the handlers that wait for `message` runs in this process. */
  awaits(message: Message): boolean;
}

/** The form in which a handler's value leaves its process: a copy, or JSON text. */
export interface ReplyEncoding {
  /** @throws {DecodeError} if the value is not what the handler's type says. */
  encode(contract: HandlerContract | undefined, value: unknown): unknown;
}

/** For handlers whose value is not used: `@init` and `@ws`. */
export const NO_REPLY: ReplyEncoding = { encode: () => undefined };

export const enum Stage {
  /** Waits in the mailbox. Next: Running, Done. */
  Waiting,
  /** Its handler has started. Next: Done. */
  Running,
  /** It has its answer; a handler that runs on past its deadline changes nothing of it. Next: none. */
  Done,
}

/** How a handler runs relative to others of its process. */
export const enum Role {
  /** The one handler that a serial process runs. */
  Outer,
  /** A call that came back to the process while its outer handler waits for it. */
  Nested,
  /** One of many at once, in a process that is declared so. */
  Interleaved,
}

export class Activation {
  stage: Stage = Stage.Waiting;
  role: Role = Role.Outer;
  value: unknown = undefined;
  error: DenizenError | undefined = undefined;
  /**
   * The newest commit that what is known here depends on (G3): until it starts that of its sender, then that
   * of its process. The answer leaves the node after that one is durable.
   */
  position = 0;
  /** Called once, synchronously, when it is done. */
  onDone: ((activation: Activation) => void) | null = null;
  /** Calls its handler has in flight. */
  calls: Set<Activation> | null = null;
  /** What the handler sent to sockets, held until its changes are durable. */
  releases: Release[] | null = null;
  exchange: HttpExchange | undefined = undefined;
  /** The next one in the mailbox. */
  next: Activation | null = null;
  /** Its deadline is being watched. */
  watched = false;
  /** What a serial handler that fails goes back to. */
  savepoint: Savepoint | undefined = undefined;
  /** How the handlers that ran inside of it want to be saved; it is done when this one ends. */
  joined: Set<SavePolicy> | null = null;
  /** Its handler went on after its first turn: others may have changed the state since it began. */
  awaited = false;
  /**
   * Another handler that ran inside of the same one has ended meanwhile: undoing this one would undo that
   * one.
   */
  entangled = false;
  /** Its handler has ended, if it ever started; its answer may have been given before, by a deadline. */
  ended = false;
  #hop: Hop | null = null;
  #abort: AbortController | undefined = undefined;

  constructor(
    readonly process: ProcessRef,
    readonly handler: Handler,
    readonly message: Message,
    readonly encoding: ReplyEncoding,
  ) {}

  get deadline(): number {
    return this.message.deadline;
  }

  /** This handler in the call chain of its calls, with the handlers that wait for it. */
  hop(numbers: HandlerNumbers): Hop {
    return this.#hop ??= new Hop(this.process.id, numbers.next(), this.message.chain);
  }

  /** Whether this handler waits in the chain of `message`, directly or through others. */
  waitsFor(message: Message): boolean {
    return this.#hop !== null && waitsIn(message.chain, this.#hop.handler);
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

  /**
   * The deadline passed. A handler that has started goes on, with its signal aborted, but its answer comes
   * too late.
   */
  expire(): void {
    if (this.stage === Stage.Done) return;
    const state = this.stage === Stage.Running ? "its handler still runs" : "it still waits for its turn";
    this.abandon(
      new DenizenError("timeout", `Cannot answer ${subjectOf(this)} in time as ${state}`),
    );
  }

  /** Ends it before its handler does. */
  abandon(error: DenizenError): void {
    if (this.stage === Stage.Done) return;
    this.finish(error);
    this.#abort?.abort(error);
  }
}

/** How texts name a running handler: `Add of actor.a:tests:denizen.os`. */
export function subjectOf({ handler, process }: Activation): string {
  return `${handler.tag} of ${process.id}`;
}
