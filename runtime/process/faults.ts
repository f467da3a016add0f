/** The errors that a process answers with when something of its own went wrong. */
import { DenizenError, messageOf } from "../errors.ts";
import { type Activation, subjectOf } from "./activation.ts";

export function replyInvalid(activation: Activation, cause: unknown): DenizenError {
  return new DenizenError(
    "reply_invalid",
    `Cannot answer ${subjectOf(activation)} as what it returned does not fit its type: ${messageOf(cause)}`,
    { cause },
  );
}

export function threw(activation: Activation, thrown: unknown, trace: string): DenizenError {
  return new DenizenError(
    "failed",
    `Cannot answer ${subjectOf(activation)} as it threw: ${messageOf(thrown)}`,
    { data: { trace } },
  );
}

/** `inner` cannot be undone alone, so `outer` fails too. */
export function entangled(inner: Activation, outer: Activation, cause: DenizenError): DenizenError {
  return new DenizenError(
    "failed",
    `Cannot undo ${
      subjectOf(inner)
    } alone as other calls of ${outer.handler.tag} changed the state meanwhile, ` +
      `so all of them are undone: ${cause.message}`,
  );
}

export function notUndone(activation: Activation, cause: unknown): DenizenError {
  return new DenizenError(
    "internal",
    `Cannot undo ${subjectOf(activation)}, so its last durable state is loaded: ${messageOf(cause)}`,
    { cause },
  );
}

/** Something of Denizen itself threw while a handler ended. */
export function brokenOutcome(activation: Activation, cause: unknown): DenizenError {
  return new DenizenError(
    "internal",
    `Cannot end ${subjectOf(activation)} in order, so its last durable state is loaded: ${messageOf(cause)}`,
    { cause },
  );
}

export function savedTooLate(activation: Activation): DenizenError {
  return new DenizenError("failed", `Cannot save for ${subjectOf(activation)} as it has ended`);
}

export function interrupted(activation: Activation): DenizenError {
  return new DenizenError(
    "draining",
    `Cannot go on with ${subjectOf(activation)} as the node is stopping`,
  );
}

export function restarting(id: string, cause: unknown, delayMs: number): DenizenError {
  return new DenizenError(
    "restarting",
    `Cannot start ${id} as it crashed, trying again in ${delayMs} ms: ${messageOf(cause)}`,
    { cause },
  );
}
