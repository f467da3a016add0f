/** The HTTP side of one invocation: what the handler may know of the request and decide of the reply. */
import type { HandlerContract } from "@denizen/macro";
import { DenizenError } from "../errors.ts";
import type { HttpExchange } from "../process/context.ts";
import type { Carrier } from "../process/invocation.ts";

/** Values leave as JSON text, made before the next handler can change what they refer to. */
export const HTTP: Carrier = {
  name: "http",
  result(contract: HandlerContract | undefined, value: unknown) {
    if (contract!.returnsResponse) return value;
    return JSON.stringify(contract!.encodeResult(value));
  },
};

export class Exchange implements HttpExchange {
  #status = 200;
  #url: URL | undefined;
  #replyHeaders: Headers | undefined;

  constructor(
    readonly request: Request,
    readonly client: string,
    readonly params: Readonly<Record<string, string>>,
  ) {}

  get status(): number {
    return this.#status;
  }

  /** @throws {DenizenError} if no reply can have it. */
  set status(status: number) {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new DenizenError("failed", `Cannot reply with a status that is not from 200 to 599: ${status}`);
    }
    this.#status = status;
  }

  get method(): string {
    return this.request.method;
  }

  get url(): URL {
    return this.#url ??= readUrl(this.request.url);
  }

  get headers(): Headers {
    return this.request.headers;
  }

  get replyHeaders(): Headers {
    return this.#replyHeaders ??= new Headers();
  }

  /** The status and headers a handler set, if it set any. */
  get decided(): { status: number; headers: Headers } | undefined {
    if (this.#status === 200 && this.#replyHeaders === undefined) return undefined;
    return { status: this.#status, headers: this.replyHeaders };
  }
}

/** What a client writes into its `Host` header need not be one. */
function readUrl(url: string): URL {
  return URL.parse(url) ?? new URL(url.slice(url.indexOf("/", "http://".length)), "http://localhost");
}

const JSON_TYPE = { headers: { "content-type": "application/json" } };
/** Statuses whose replies have no body. */
const BODILESS = new Set([204, 205, 304]);

/** The reply that carries what {@link HTTP} made of a handler's value. */
export function reply(value: unknown, exchange: Exchange | undefined): Response {
  const decided = exchange?.decided;
  if (typeof value === "string") {
    if (!decided) return new Response(value, JSON_TYPE);
    if (BODILESS.has(decided.status)) return new Response(null, decided);
    if (!decided.headers.has("content-type")) decided.headers.set("content-type", "application/json");
    return new Response(value, decided);
  }
  if (!(value instanceof Response)) return new Response(value as ReadableStream, decided);
  return decided ? withHeaders(value, decided.headers) : value;
}

/** A `Response` that a handler made itself says the status; it may lack headers that were set beside it. */
function withHeaders(response: Response, others: Headers): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of others) {
    if (name === "set-cookie" || !response.headers.has(name)) headers.append(name, value);
  }
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
