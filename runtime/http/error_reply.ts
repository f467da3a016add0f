/** The one error envelope: `{"error":{"code","message","data"?,"retryable"}}`. No stack leaves the node. */
import { DenizenError, type ErrorCode, type ErrorData, messageOf } from "../errors.ts";
import { RETRY_AFTER_S } from "../limits.ts";

interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly data?: ErrorData;
  readonly retryable: boolean;
}

export function errorBody(error: DenizenError): ErrorBody {
  const { code, data, retryable } = error;
  return { code, message: publicMessage(error), ...(data && { data }), retryable };
}

/**
 * Codes whose text may contain secrets: a thrown text, a part of a state, a path of this machine. Clients
 * get a generic text; the original is in the log.
 */
const PRIVATE_REASONS: Partial<Record<ErrorCode, string>> = {
  failed: "it threw",
  internal: "it threw",
  restarting: "it crashed",
  reply_invalid: "what it returned does not fit its type",
  state_unreadable: "its stored state cannot be read",
  state_invalid: "it is invalid",
  storage: "the store failed",
  disk_full: "the disk is full",
  lost_ownership: "another node owns its data",
  data_locked: "the store is locked",
  data_read_only: "the store is read-only",
  data_corrupt: "the store is damaged",
};

/** The beginnings of error texts that name only a handler and a process. */
const PUBLIC_SUBJECT = /^Cannot (?:answer \w+ of|start|keep the state of) \S+:\S+:\S+(?= as )/;

function publicMessage({ code, message }: DenizenError): string {
  const reason = PRIVATE_REASONS[code];
  if (reason === undefined) return message;
  const subject = PUBLIC_SUBJECT.exec(message)?.[0] ?? "Cannot answer";
  return `${subject} as ${reason}: see the node's log`;
}

/** The reply for any thrown value. */
export function errorReply(thrown: unknown, headers?: HeadersInit): Response {
  const error = thrown instanceof DenizenError
    ? thrown
    : new DenizenError("internal", `Cannot answer as it threw: ${messageOf(thrown)}`, { cause: thrown });
  const reply = Response.json({ error: errorBody(error) }, { status: error.status, headers });
  if (error.status === 503) {
    reply.headers.set("retry-after", String(error.data?.retryAfterSeconds ?? RETRY_AFTER_S));
  }
  if (error.code === "unauthorized") reply.headers.set("www-authenticate", "Bearer");
  if (error.code === "upgrade_required") reply.headers.set("upgrade", "websocket");
  const allow = error.data?.allow;
  if (Array.isArray(allow)) reply.headers.set("allow", allow.join(", "));
  return reply;
}

export function methodNotAllowed(method: string, path: string, allow: readonly string[]): DenizenError {
  return new DenizenError(
    "method_not_allowed",
    `Cannot ${method} ${path} as it answers ${allow.join(", ")} only`,
    { data: { allow } },
  );
}

export function unknownPath(method: string, path: string): DenizenError {
  return new DenizenError("unknown_path", `Cannot ${method} ${path} as nothing is bound there`);
}
