/** Calls between processes of one node, at memory speed: no encoding, no queue, no promise where none is needed. */
import { DecodeError, type HandlerContract } from "@denizen/macro";
import type { Clock } from "../world/clock.ts";
import { DenizenError, messageOf, shortened } from "../errors.ts";
import { CALL_CHAIN_MAX, DEADLINE_DEFAULT_MS, DEADLINE_MAX_MS } from "../limits.ts";
import { failure, type SendResult } from "../message/send_result.ts";
import type { CallOptions } from "../process/caller.ts";
import type { Cell } from "../process/cell.ts";
import type { Handler } from "../process/definition.ts";
import type { Directory } from "../process/directory.ts";
import type { Edge } from "../process/edge.ts";
import type { HandlerRunner } from "../process/handler_runner.ts";
import { type Carrier, Invocation, Stage } from "../process/invocation.ts";

/** Results cross as copies, so that two processes never share what one of them can change. */
const LOCAL: Carrier = {
  name: "local",
  result: (contract, value) => contract!.copyResult(value),
};

export class LocalTransport {
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #edge: Edge;

  constructor(directory: Directory, clock: Clock, edge: Edge) {
    this.#directory = directory;
    this.#clock = clock;
    this.#edge = edge;
  }

  /** A call by the handler `parent` of the process `from`. It does not wait for the disk: the answer stays on the node. */
  call<T>(
    from: HandlerRunner,
    parent: Invocation,
    target: string,
    contract: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    let invocation: Invocation;
    try {
      // What it says would tell of a state that never was.
      if (from.lost) throw from.lost;
      invocation = this.#deliver(from, parent, target, contract, args, options);
    } catch (thrown) {
      return Promise.resolve(failure(asCallError(target, contract.tag, thrown)));
    }
    if (invocation.stage === Stage.Done) return Promise.resolve(outcome<T>(from, invocation));
    return answerOf<T>(from, parent, invocation);
  }

  /** A call by a program that holds the node. Resolves always, and not before what the answer tells of is durable (G3). */
  async enter<T>(
    target: string,
    contract: HandlerContract,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<SendResult<T>> {
    let invocation: Invocation;
    try {
      invocation = this.#deliver(null, null, target, contract, args, options);
    } catch (thrown) {
      return failure(asCallError(target, contract.tag, thrown));
    }
    if (invocation.stage !== Stage.Done) {
      await new Promise<unknown>((resolve) => invocation.onDone = resolve);
    }
    try {
      if (!this.#edge.isOpen(invocation)) await this.#edge.pass(invocation);
    } catch (error) {
      return failure(error as DenizenError);
    }
    return outcome<T>(null, invocation);
  }

  /** @throws {DenizenError | DecodeError} if it cannot be delivered. */
  #deliver(
    from: HandlerRunner | null,
    parent: Invocation | null,
    target: string,
    contract: HandlerContract,
    args: readonly unknown[],
    options: CallOptions | undefined,
  ): Invocation {
    const cell = this.#directory.find(target);
    const handler = localHandler(cell, contract.tag);
    const copies = handler.contract!.copyArguments(args);
    const invocation = new Invocation(cell, handler, copies, LOCAL, parent, this.#deadline(parent, options));
    if (invocation.depth > CALL_CHAIN_MAX) throw chainTooLong(invocation);
    if (from !== null) invocation.position = from.position;
    cell.deliver(invocation);
    return invocation;
  }

  /** @throws {DenizenError} `timeout` if the caller's own deadline has passed: nobody waits for what it does now. */
  #deadline(parent: Invocation | null, options: CallOptions | undefined): number {
    const now = this.#clock.monotonic();
    const own = now + checkTimeout(options?.timeoutMs);
    if (parent === null || own <= parent.deadline) return own;
    if (parent.deadline > now) return parent.deadline;
    const { handler, unit } = parent;
    throw new DenizenError(
      "timeout",
      `Cannot call as the deadline of ${handler.tag} of ${unit.id} has passed`,
    );
  }
}

function answerOf<T>(
  from: HandlerRunner,
  parent: Invocation,
  invocation: Invocation,
): Promise<SendResult<T>> {
  (parent.calls ??= new Set()).add(invocation);
  return new Promise((resolve) => {
    invocation.onDone = () => {
      parent.calls!.delete(invocation);
      resolve(outcome<T>(from, invocation));
    };
  });
}

/** @throws {DenizenError} `bad_option` if it is not a number of milliseconds within bounds. */
export function checkTimeout(timeoutMs: number | undefined): number {
  if (timeoutMs === undefined) return DEADLINE_DEFAULT_MS;
  if (timeoutMs > 0 && timeoutMs <= DEADLINE_MAX_MS) return timeoutMs;
  throw new DenizenError(
    "bad_option",
    `Cannot wait for a call as "timeoutMs" is from 1 to ${DEADLINE_MAX_MS} (DEADLINE_MAX_MS): ${timeoutMs}`,
  );
}

/** The caller now knows what the answer knows: what it sends out waits for the same commits. */
function outcome<T>(from: HandlerRunner | null, invocation: Invocation): SendResult<T> {
  if (from !== null && from.position < invocation.position) from.position = invocation.position;
  if (invocation.error) return failure(invocation.error);
  return { status: "Success", value: invocation.value as T };
}

function localHandler(cell: Cell, tag: string): Handler {
  const handler = cell.definition.handlers.get(tag);
  if (!handler) throw unknownHandler(cell, tag);
  if (!handler.transports.has("local")) throw wrongTransport(cell, handler, "local");
  return handler;
}

/** The process a handler is sought in; it need not be in memory. */
type Target = Pick<Cell, "id" | "definition">;

export function unknownHandler({ id, definition }: Target, tag: string): DenizenError {
  return new DenizenError(
    "unknown_handler",
    `Cannot call ${id} as it has no handler of that tag: ${shortened(tag)}`,
    { data: { known: [...definition.handlers.keys()] } },
  );
}

export function wrongTransport({ id }: Target, handler: Handler, transport: string): DenizenError {
  return new DenizenError(
    "wrong_transport",
    `Cannot call ${handler.tag} of ${id} over ${transport} as it is declared for: ${
      [...handler.transports].join(", ")
    }`,
  );
}

function chainTooLong(invocation: Invocation): DenizenError {
  return new DenizenError(
    "call_chain_too_long",
    `Cannot call ${invocation.handler.tag} of ${invocation.unit.id} as ${CALL_CHAIN_MAX} calls stand inside one another (CALL_CHAIN_MAX)`,
  );
}

function asCallError(target: string, tag: string, thrown: unknown): DenizenError {
  if (thrown instanceof DenizenError) return thrown;
  if (thrown instanceof DecodeError) {
    return new DenizenError(
      "invalid_argument",
      `Cannot call ${tag} of ${target} as an argument is wrong: ${thrown.message}`,
      {
        cause: thrown,
      },
    );
  }
  return new DenizenError("internal", `Cannot call ${tag} of ${target} as it threw: ${messageOf(thrown)}`, {
    cause: thrown,
  });
}
