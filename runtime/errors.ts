/**
 * The one error class and the closed table of its codes, sorted by what the receiver of the error does next.
 *
 * Texts read "Cannot <verb> as <reason>: <current value>".
 */

/** What to do after an error. */
export type NextAction =
  /** Change the request; the same one fails again. */
  | "fix_request"
  /** Send the same request again, later. */
  | "retry"
  /** Change the process's code or its stored state. */
  | "fix_process"
  /** Change the node's surroundings: disk, port, options. */
  | "fix_node";

interface CodeEntry {
  /** The HTTP status of a reply that carries it. */
  readonly status: number;
  readonly next: NextAction;
}

export const ERROR_CODES = {
  // The caller changes the request.
  malformed: { status: 400, next: "fix_request" },
  unknown_handler: { status: 400, next: "fix_request" },
  bad_address: { status: 400, next: "fix_request" },
  unauthorized: { status: 401, next: "fix_request" },
  wrong_transport: { status: 403, next: "fix_request" },
  forbidden: { status: 403, next: "fix_request" },
  unknown_process: { status: 404, next: "fix_request" },
  unknown_path: { status: 404, next: "fix_request" },
  unknown_template: { status: 404, next: "fix_request" },
  method_not_allowed: { status: 405, next: "fix_request" },
  payload_too_large: { status: 413, next: "fix_request" },
  unsupported_media_type: { status: 415, next: "fix_request" },
  misdirected: { status: 421, next: "fix_request" },
  invalid_argument: { status: 422, next: "fix_request" },
  refused: { status: 422, next: "fix_request" },
  upgrade_required: { status: 426, next: "fix_request" },

  // The caller may send it again.
  deadlock: { status: 409, next: "retry" },
  overloaded: { status: 503, next: "retry" },
  mailbox_full: { status: 503, next: "retry" },
  draining: { status: 503, next: "retry" },
  lost_ownership: { status: 503, next: "retry" },
  restarting: { status: 503, next: "retry" },
  storage: { status: 503, next: "retry" },
  offline: { status: 503, next: "retry" },
  timeout: { status: 504, next: "retry" },

  // The process's author changes it.
  failed: { status: 500, next: "fix_process" },
  reply_invalid: { status: 500, next: "fix_process" },
  call_chain_too_long: { status: 500, next: "fix_process" },
  state_unreadable: { status: 500, next: "fix_process" },
  state_invalid: { status: 500, next: "fix_process" },
  state_too_large: { status: 500, next: "fix_process" },
  declaration: { status: 500, next: "fix_process" },
  stale_contract: { status: 500, next: "fix_process" },
  duplicate_process: { status: 500, next: "fix_process" },
  pack_closed: { status: 409, next: "fix_process" },
  pack_failed: { status: 500, next: "fix_process" },
  pack_reply_invalid: { status: 500, next: "fix_process" },
  pack_out_of_memory: { status: 500, next: "fix_process" },
  pack_trapped: { status: 500, next: "fix_process" },
  pack_crashed: { status: 500, next: "fix_process" },
  pack_timeout: { status: 504, next: "fix_process" },

  // The operator changes the node's surroundings.
  bad_option: { status: 500, next: "fix_node" },
  app_unreadable: { status: 500, next: "fix_node" },
  port_in_use: { status: 500, next: "fix_node" },
  data_locked: { status: 500, next: "fix_node" },
  data_read_only: { status: 500, next: "fix_node" },
  data_corrupt: { status: 500, next: "fix_node" },
  disk_full: { status: 503, next: "fix_node" },
  pack_unreadable: { status: 500, next: "fix_node" },
  pack_invalid: { status: 500, next: "fix_node" },
  pack_incompatible: { status: 500, next: "fix_node" },
  pack_untrusted: { status: 500, next: "fix_node" },
  pack_denied: { status: 500, next: "fix_node" },
  duplicate_template: { status: 500, next: "fix_node" },
  internal: { status: 500, next: "fix_node" },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Data of an error: plain JSON, which the error copies. */
export type ErrorData = { readonly [field: string]: unknown };

interface ErrorOptionsWithData extends ErrorOptions {
  readonly data?: ErrorData;
}

/** Data that is not JSON is dropped; the error is still raised. */
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
 * Thrown by a handler to refuse a request: the caller gets the text and the data, the state is unchanged,
 * and no failure is logged.
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

/** As `instanceof`, which throws for some proxies. */
export function isDenizenError(thrown: unknown): thrown is DenizenError {
  try {
    return thrown instanceof DenizenError;
  } catch {
    return false;
  }
}

/**
 * What of an error may cross the border of a process: code, text and data, but neither its cause nor anything
 * that a subclass or a getter added (G5).
 */
export function copyOfError(error: DenizenError): DenizenError {
  try {
    const { code, message, data, status } = error;
    if (code === "refused") return new Refusal(String(message), { data, status });
    if (Object.hasOwn(ERROR_CODES, code)) return new DenizenError(code, String(message), { data });
    return new DenizenError("failed", `Cannot pass an error on as its code is unknown: ${String(code)}`);
  } catch (thrown) {
    return new DenizenError("failed", `Cannot pass an error on as it cannot be read: ${messageOf(thrown)}`);
  }
}

/** The text of any thrown value, even of one without a text. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return `a value without a text (${typeof thrown})`;
  }
}

/** The longest part of a foreign text that an error text quotes, in characters. */
const QUOTED_CHARACTERS = 80;

/** The beginning of a foreign text, for messages of bounded length. */
export function shortened(text: string): string {
  return text.length <= QUOTED_CHARACTERS ? text : `${text.slice(0, QUOTED_CHARACTERS)}…`;
}

/** A broken invariant of Denizen itself. */
export function assertInvariant(condition: unknown, invariant: string): asserts condition {
  if (!condition) {
    throw new DenizenError("internal", `Cannot go on as an invariant is broken: ${invariant}`);
  }
}
