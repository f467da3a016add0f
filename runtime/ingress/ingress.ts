/**
 * The one door by which messages enter processes, and answers leave them. Ways in (HTTP, sockets, calls
 * between processes, programs that hold the node) are adapters: they find out what was asked, and everything
 * else is decided here.
 *
 * Owns: whether the node takes messages, their deadlines, the wait for an answer that may leave. Does not
 * own: which handler is meant (target.ts), who runs when (process/), what is durable (commit/).
 *
 * Invariants:
 * - I1 Every message gets exactly one answer (G5): a value, or an error.
 * - I2 What leaves the node has passed the output gate (G3). Between processes of the node nothing waits for
 *   the disk.
 */
import type { OutputGate } from "../commit/output_gate.ts";
import { DenizenError } from "../errors.ts";
import { CALL_CHAIN_MAX, DEADLINE_DEFAULT_MS, DEADLINE_MAX_MS } from "../limits.ts";
import type { Message } from "../message/message.ts";
import { Activation, type ReplyEncoding, Stage, subjectOf } from "../process/activation.ts";
import type { Cell } from "../process/cell.ts";
import type { HttpExchange } from "../process/context.ts";
import type { Handler } from "../process/handler.ts";
import type { Clock } from "../world/clock.ts";

/** Whether the node still owns its store; see commit/fence.ts. */
export interface Ownership {
  readonly lost?: DenizenError | undefined;
}

export class Ingress {
  readonly #clock: Clock;
  readonly #gate: OutputGate;
  readonly #ownership: Ownership;

  constructor(clock: Clock, gate: OutputGate, ownership: Ownership) {
    this.#clock = clock;
    this.#gate = gate;
    this.#ownership = ownership;
  }

  /**
   * Gives a message to its process. Its answer is on the activation when that is done; it may be done when
   * this returns.
   *
   * @throws {DenizenError} `call_chain_too_long`, or `lost_ownership`.
   */
  admit(
    cell: Cell,
    handler: Handler,
    message: Message,
    encoding: ReplyEncoding,
    position = 0,
    exchange?: HttpExchange,
  ): Activation {
    const { chain } = message;
    const { lost } = this.#ownership;
    if (lost) throw lost;
    const activation = new Activation(cell, handler, message, encoding);
    if (chain !== null && chain.depth + 1 > CALL_CHAIN_MAX) throw chainTooLong(activation);
    activation.position = position;
    activation.exchange = exchange;
    cell.deliver(activation);
    return activation;
  }

  /** When a message from outside expires that says nothing else. */
  defaultDeadline(): number {
    return this.#clock.monotonic() + DEADLINE_DEFAULT_MS;
  }

  /**
   * When a message expires that its sender waits for so long, and never beyond the deadline of the handler
   * that sends it.
   *
   * @throws {DenizenError} `bad_option` for what is no such time; `timeout` if the sender's own deadline has
   * passed.
   */
  deadlineAfter(timeoutMs: number | undefined, sender: Activation | null): number {
    const now = this.#clock.monotonic();
    const own = now + checkTimeout(timeoutMs);
    if (sender === null || own <= sender.deadline) return own;
    if (sender.deadline > now) return sender.deadline;
    throw new DenizenError("timeout", `Cannot call as the deadline of ${subjectOf(sender)} has passed`);
  }

  /** Whether the answer is there and may leave the node. */
  isReady(activation: Activation): boolean {
    return activation.stage === Stage.Done && this.#gate.isOpen(activation.position);
  }

  /**
   * Resolves when the answer may leave the node.
   *
   * @throws {DenizenError} why what it depends on was lost, `timeout` if the store does not answer before the
   * deadline, or `lost_ownership`.
   */
  async answered(activation: Activation): Promise<void> {
    if (activation.stage !== Stage.Done) {
      await new Promise<unknown>((resolve) => activation.onDone = resolve);
    }
    const { position, deadline } = activation;
    if (!this.#gate.isOpen(position)) {
      await this.#gate.pass({ position, deadline, subject: subjectOf(activation) });
    }
  }
}

/** @throws {DenizenError} `bad_option` if it is not a number of milliseconds within bounds. */
function checkTimeout(timeoutMs: number | undefined): number {
  if (timeoutMs === undefined) return DEADLINE_DEFAULT_MS;
  if (timeoutMs > 0 && timeoutMs <= DEADLINE_MAX_MS) return timeoutMs;
  throw new DenizenError(
    "bad_option",
    `Cannot wait for a call as "timeoutMs" is from 1 to ${DEADLINE_MAX_MS} (DEADLINE_MAX_MS): ${timeoutMs}`,
  );
}

function chainTooLong(activation: Activation): DenizenError {
  return new DenizenError(
    "call_chain_too_long",
    `Cannot call ${
      subjectOf(activation)
    } as ${CALL_CHAIN_MAX} calls wait for one another already (CALL_CHAIN_MAX)`,
  );
}
