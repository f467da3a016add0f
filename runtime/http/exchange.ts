/** The HTTP side of one running handler: what the handler may know of the request and decide of the reply. */
import { DenizenError } from "../errors.ts";
import type { HttpExchange } from "../process/context.ts";

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

  /** @throws {DenizenError} if it is not valid for a reply. */
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

  /** The status and headers that a handler set, if any. */
  get decided(): { status: number; headers: Headers } | undefined {
    if (this.#status === 200 && this.#replyHeaders === undefined) return undefined;
    return { status: this.#status, headers: this.replyHeaders };
  }
}

/** The `Host` header of a client need not be a valid host. */
function readUrl(url: string): URL {
  return URL.parse(url) ?? new URL(url.slice(url.indexOf("/", "http://".length)), "http://localhost");
}
