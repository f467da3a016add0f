/** What a cell tells of things that went wrong. */
import { DenizenError, messageOf } from "../errors.ts";
import type { Invocation } from "./invocation.ts";

/**
 * The value in the form in which it leaves.
 *
 * @throws {DenizenError} `reply_invalid`.
 */
export function toReply(invocation: Invocation, value: unknown): unknown {
  try {
    return invocation.carrier.result(invocation.handler.contract, value);
  } catch (cause) {
    const { handler, unit } = invocation;
    throw new DenizenError(
      "reply_invalid",
      `Cannot answer ${handler.tag} of ${unit.id} as what it returned does not fit its type: ${
        messageOf(cause)
      }`,
      { cause },
    );
  }
}

export function threw({ handler, unit }: Invocation, cause: unknown, trace: string): DenizenError {
  return new DenizenError(
    "failed",
    `Cannot answer ${handler.tag} of ${unit.id} as it threw: ${messageOf(cause)}`,
    { cause, data: { trace } },
  );
}

/** `inner` cannot be undone alone, so `outer` fails too. */
export function entangled(inner: Invocation, outer: Invocation, cause: DenizenError): DenizenError {
  return new DenizenError(
    "failed",
    `Cannot undo ${inner.handler.tag} of ${inner.unit.id} alone as other calls of ${outer.handler.tag} changed the state ` +
      `beside it, so all of them are undone: ${cause.message}`,
    { cause },
  );
}

export function notUndone({ handler, unit }: Invocation, cause: unknown): DenizenError {
  return new DenizenError(
    "internal",
    `Cannot undo ${handler.tag} of ${unit.id}, so its last durable state is loaded: ${messageOf(cause)}`,
    { cause },
  );
}

export function savedTooLate({ handler, unit }: Invocation): DenizenError {
  return new DenizenError("failed", `Cannot save for ${handler.tag} of ${unit.id} as it has ended`);
}

export function interrupted({ handler, unit }: Invocation): DenizenError {
  return new DenizenError(
    "draining",
    `Cannot go on with ${handler.tag} of ${unit.id} as the node is stopping`,
  );
}

export function restarting(id: string, cause: unknown, delayMs: number): DenizenError {
  return new DenizenError(
    "restarting",
    `Cannot start ${id} as it crashed, trying again in ${delayMs} ms: ${messageOf(cause)}`,
    { cause },
  );
}
