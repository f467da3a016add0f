/**
 * What becomes of a running handler: its answer, its changes saved or undone, what it sent.
 *
 * Owns: the order of these steps. Does not own: which handler runs when (turns.ts), when a commit is written
 * (commit/).
 *
 * Invariants:
 * - I1 A serial handler that throws, or whose answer or state is invalid, leaves the state of its start, or
 *   of the last `ctx.save()` since (G4).
 * - I2 Everything that leaves because of a handler waits for the position of its process at the end of the
 *   handler (G3).
 * - I3 What a handler threw never leaves it: the error that goes on is a copy without a cause (G5). The log
 *   has the original.
 */
import { copyOfError, DenizenError, isDenizenError, messageOf } from "../errors.ts";
import { type Activation, NO_REPLY, Role } from "./activation.ts";
import { notUndone, replyInvalid, threw } from "./faults.ts";
import type { Process } from "./process.ts";

/**
 * The value in the form in which it leaves.
 *
 * @throws {DenizenError} `reply_invalid`.
 */
export function encodeReply(activation: Activation, value: unknown): unknown {
  try {
    return activation.encoding.encode(activation.handler.contract, value);
  } catch (cause) {
    throw replyInvalid(activation, cause);
  }
}

/**
 * Saves what a handler changed, as its policy says and those of the handlers that ran inside of it.
 *
 * @throws {DenizenError} `state_invalid`, `state_too_large` or `overloaded`.
 */
export function saveChanges(process: Process, { handler, joined, role }: Activation): void {
  const { state } = process;
  let due = state.isDue(handler.save);
  if (joined !== null) {
    for (const policy of joined) {
      if (policy !== handler.save && state.isDue(policy)) due = true;
    }
  }
  if (due) process.dependOn(state.commit());
  else if (role === Role.Interleaved) state.touch();
  else state.check();
}

/**
 * Ends a handler that has succeeded. What it sent leaves with its reply; a nested handler's waits for the
 * outer one.
 */
export function succeed(
  process: Process,
  activation: Activation,
  reply: unknown,
  outer: Activation | null,
): void {
  if (process.active) process.count(false);
  if (activation.position < process.position) activation.position = process.position;
  if (activation.releases) {
    if (outer) (outer.releases ??= []).push(...activation.releases);
    else process.host.gate.release(activation.position, activation.releases);
    activation.releases = null;
  }
  end(process, activation);
  activation.finish(undefined, reply);
}

/** Ends a handler that has failed. Nothing that it sent leaves. */
export function fail(process: Process, activation: Activation, error: DenizenError): void {
  if (process.active) process.count(error.code !== "refused");
  // What it changed is not undone, and is to be saved with what comes next.
  if (activation.role === Role.Interleaved) process.state.touch();
  // The error of a loss depends on no commit, so it may leave at once.
  activation.position = process.invalidated ? 0 : Math.max(activation.position, process.position);
  activation.releases = null;
  end(process, activation);
  activation.finish(error);
}

/** Answers a message whose handler has not started. */
export function reject(process: Process, activation: Activation, error: DenizenError): void {
  end(process, activation);
  activation.finish(error);
}

function end(process: Process, activation: Activation): void {
  activation.ended = true;
  activation.savepoint = undefined;
  if (activation.watched) process.host.deadlines.remove(activation);
}

/** Undoes what a handler did. A state that cannot be undone is invalidated. */
export function rollBack(process: Process, activation: Activation): void {
  try {
    process.state.rollBack(activation.savepoint);
  } catch (thrown) {
    process.host.log.error("state not undone", { process: process.id, error: thrown });
    process.invalidate(notUndone(activation, thrown));
  }
}

/** The error that tells the caller of what a handler threw; `known` are errors that the log has already. */
export function explain(
  process: Process,
  activation: Activation,
  thrown: unknown,
  known: DenizenError | undefined,
): DenizenError {
  if (thrown === known && known !== undefined) return known;
  const copy = isDenizenError(thrown) ? copyOfError(thrown) : undefined;
  if (copy?.code === "refused") return copy;
  // `@init`: the report of the failed start has the original.
  if (activation.encoding === NO_REPLY && activation.handler === process.definition.init) {
    return new DenizenError("failed", messageOf(thrown), { cause: thrown });
  }
  const { host, id } = process;
  const { tag } = activation.handler;
  const trace = activation.hop(host.handlerNumbers).trace(() => host.clock.uuid());
  host.log.error("handler failed", { process: id, handler: tag, trace, error: thrown });
  return copy ?? threw(activation, thrown, trace);
}
