/** The outcomes of a call of another process, and access to its value. */
import type { DenizenError, ErrorCode } from "../errors.ts";

/**
 * The outcome of a call. The names are those of Hyperware's framework, with the two it lacks.
 *
 * - `Success`: the handler's value.
 * - `Timeout`: no answer within the deadline; the handler may still have run.
 * - `Offline`: the node does not exist or cannot be reached.
 * - `DeserializationError`: the result does not fit the handler's return type.
 * - `BuildError`: the arguments do not fit the handler's parameters; nothing was sent.
 * - `Refused`: the process refused, or the message never reached a handler (unknown, full mailbox,
 *   deadlock).
 * - `Failed`: the handler threw, or its effects could not be stored.
 */
export type SendResult<T> =
  | { readonly status: "Success"; readonly value: T }
  | { readonly status: Exclude<SendStatus, "Success">; readonly error: DenizenError };

export type SendStatus =
  | "Success"
  | "Timeout"
  | "Offline"
  | "DeserializationError"
  | "BuildError"
  | "Refused"
  | "Failed";

const STATUS_BY_CODE: Partial<Record<ErrorCode, Exclude<SendStatus, "Success">>> = {
  timeout: "Timeout",
  offline: "Offline",
  reply_invalid: "DeserializationError",
  invalid_argument: "BuildError",
  malformed: "BuildError",
  bad_address: "BuildError",
  failed: "Failed",
  storage: "Failed",
  disk_full: "Failed",
  state_unreadable: "Failed",
  state_invalid: "Failed",
  state_too_large: "Failed",
  internal: "Failed",
};

/** The result for `error`. */
export function failure(error: DenizenError): SendResult<never> {
  return { status: STATUS_BY_CODE[error.code] ?? "Refused", error };
}

/**
 * The value of a successful call.
 *
 * @throws {DenizenError} the call's error, unless it is a `Success`.
 */
export function unwrap<T>(result: SendResult<T>): T {
  if (result.status === "Success") return result.value;
  throw result.error;
}
