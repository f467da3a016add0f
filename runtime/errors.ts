/**
 * The one error base and the closed table of codes, sorted by what the one who gets the error does next.
 *
 * Texts read "Cannot <verb> as <reason>: <current value>".
 */

/** What to do after an error. */
export type NextAction =
  /** Change the request; the same one fails again. */
  | "mend the request"
  /** Send the same request again, later. */
  | "retry"
  /** Change the process's code or its stored state. */
  | "mend the process"
  /** Change the node's surroundings: disk, port, options. */
  | "mend the node";

interface CodeEntry {
  /** The HTTP status of a reply that carries it. */
  readonly status: number;
  readonly next: NextAction;
}

export const ERROR_CODES = {
  // The one who asked mends the request.
  malformed: { status: 400, next: "mend the request" },
  unknown_handler: { status: 400, next: "mend the request" },
  bad_address: { status: 400, next: "mend the request" },
  unauthorized: { status: 401, next: "mend the request" },
  wrong_transport: { status: 403, next: "mend the request" },
  forbidden: { status: 403, next: "mend the request" },
  unknown_process: { status: 404, next: "mend the request" },
  unknown_path: { status: 404, next: "mend the request" },
  unknown_template: { status: 404, next: "mend the request" },
  method_not_allowed: { status: 405, next: "mend the request" },
  payload_too_large: { status: 413, next: "mend the request" },
  unsupported_media_type: { status: 415, next: "mend the request" },
  misdirected: { status: 421, next: "mend the request" },
  invalid_argument: { status: 422, next: "mend the request" },
  refused: { status: 422, next: "mend the request" },
  upgrade_required: { status: 426, next: "mend the request" },

  // The one who asked may ask again.
  deadlock: { status: 409, next: "retry" },
  overloaded: { status: 503, next: "retry" },
  mailbox_full: { status: 503, next: "retry" },
  draining: { status: 503, next: "retry" },
  lost_ownership: { status: 503, next: "retry" },
  restarting: { status: 503, next: "retry" },
  storage: { status: 503, next: "retry" },
  offline: { status: 503, next: "retry" },
  timeout: { status: 504, next: "retry" },

  // Someone mends the process.
  failed: { status: 500, next: "mend the process" },
  reply_invalid: { status: 500, next: "mend the process" },
  call_chain_too_long: { status: 500, next: "mend the process" },
  state_unreadable: { status: 500, next: "mend the process" },
  state_invalid: { status: 500, next: "mend the process" },
  state_too_large: { status: 500, next: "mend the process" },
  declaration: { status: 500, next: "mend the process" },
  stale_contract: { status: 500, next: "mend the process" },
  duplicate_process: { status: 500, next: "mend the process" },
  pack_closed: { status: 409, next: "mend the process" },
  pack_failed: { status: 500, next: "mend the process" },
  pack_reply_invalid: { status: 500, next: "mend the process" },
  pack_out_of_memory: { status: 500, next: "mend the process" },
  pack_trapped: { status: 500, next: "mend the process" },
  pack_crashed: { status: 500, next: "mend the process" },
  pack_timeout: { status: 504, next: "mend the process" },

  // The operator mends the node.
  bad_option: { status: 500, next: "mend the node" },
  app_unreadable: { status: 500, next: "mend the node" },
  port_in_use: { status: 500, next: "mend the node" },
  data_locked: { status: 500, next: "mend the node" },
  data_read_only: { status: 500, next: "mend the node" },
  data_corrupt: { status: 500, next: "mend the node" },
  disk_full: { status: 503, next: "mend the node" },
  pack_unreadable: { status: 500, next: "mend the node" },
  pack_invalid: { status: 500, next: "mend the node" },
  pack_incompatible: { status: 500, next: "mend the node" },
  pack_untrusted: { status: 500, next: "mend the node" },
  pack_denied: { status: 500, next: "mend the node" },
  duplicate_template: { status: 500, next: "mend the node" },
  internal: { status: 500, next: "mend the node" },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What travels with an error: plain JSON, of which the error keeps a copy. */
export type ErrorData = { readonly [field: string]: unknown };

export interface ErrorOptionsWithData extends ErrorOptions {
  readonly data?: ErrorData;
}

/** Data that is no JSON does not keep the error from being told. */
function plainCopy(data: ErrorData): ErrorData {
  try {
    return JSON.parse(JSON.stringify(data, (_name, value) => typeof value === "bigint" ? `${value}` : value));
  } catch (thrown) {
    return { dataLost: messageOf(thrown) };
  }
}

/** Every error Denizen raises. Callers decide on `code`; `message` is for people. */
export class DenizenError extends Error {
  override name = "DenizenError";
  readonly data?: ErrorData;

  constructor(readonly code: ErrorCode, message: string, options?: ErrorOptionsWithData) {
    super(message, options);
    this.data = options?.data && plainCopy(options.data);
  }

  get next(): NextAction {
    return ERROR_CODES[this.code].next;
  }

  /** The same request may succeed later. */
  get retryable(): boolean {
    return this.next === "retry";
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/**
 * Thrown by a handler to say no on purpose: the caller gets the text and the data, the state stays as it was, and nothing is
 * logged as a failure.
 *
 * @example
 * ```ts
 * import { Refusal } from "@denizen/runtime";
 *
 * function open(id: number): never {
 *   throw new Refusal(`Cannot open the todo as there is none: ${id}`, { status: 404 });
 * }
 * ```
 */
export class Refusal extends DenizenError {
  override name = "Refusal";
  readonly #status: number;

  /** `status` is the HTTP status of the reply, from 400 to 499. Default: 422. */
  constructor(message: string, options?: ErrorOptionsWithData & { readonly status?: number }) {
    super("refused", message, options);
    this.#status = options?.status ?? ERROR_CODES.refused.status;
  }

  override get status(): number {
    return this.#status;
  }
}

/** The text of anything that was thrown, even of what has none. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return `a value without a text (${typeof thrown})`;
  }
}

/** The longest part of somebody else's text that one of ours quotes, in characters. */
const QUOTED_CHARACTERS = 80;

/** The beginning of a text from outside, for a message that must not grow with it. */
export function shortened(text: string): string {
  return text.length <= QUOTED_CHARACTERS ? text : `${text.slice(0, QUOTED_CHARACTERS)}…`;
}

/** A broken invariant of Denizen itself. */
export function assertInvariant(condition: unknown, invariant: string): asserts condition {
  if (!condition) {
    throw new DenizenError("internal", `Cannot go on as an invariant is broken: ${invariant}`);
  }
}
