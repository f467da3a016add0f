/**
 * The HTTP routes of one definition, computed once: endpoints, handlers with a path of their own, UI files.
 */
import { BODILESS_METHODS, HTTP_METHODS } from "@denizen/macro";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { DenizenError } from "../errors.ts";
import type { Definition } from "../process/definition.ts";
import type { Handler } from "../process/handler.ts";
import { UiFiles } from "./ui_files.ts";

/** The methods whose body may contain a tag. */
export const TAGGED_METHODS: readonly string[] = HTTP_METHODS.filter((method) =>
  !BODILESS_METHODS.has(method)
);

/** A handler with a path of its own, and what the `:name` parts of that path matched. */
export interface Route {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

/** Paths are as declared: without the process's address, and in the form of {@link readablePath}. */
export class Surface {
  /** Paths that take tagged bodies. */
  readonly tagged: ReadonlySet<string>;
  /** Paths on which WebSockets open. */
  readonly sockets: ReadonlySet<string>;
  readonly ui: UiFiles | undefined;
  readonly #router = new SmartRouter<Handler>({ routers: [new RegExpRouter(), new TrieRouter()] });
  readonly #methods = new Set<string>();

  constructor(readonly definition: Definition) {
    const paths = (kind: string) =>
      new Set(definition.endpoints.filter((endpoint) => endpoint.kind === kind).map(({ path }) => path));
    this.tagged = paths("http");
    this.sockets = paths("ws");
    this.ui = definition.ui === undefined ? undefined : new UiFiles(definition.ui);
    for (const handler of definition.handlers.values()) {
      if (!handler.route) continue;
      this.#router.add(handler.route.method, handler.route.path, handler);
      this.#methods.add(handler.route.method);
    }
  }

  /** The handler for `method` on `path`; one for `GET` also answers `HEAD` if there is no other. */
  route(method: string, path: string): Route | undefined {
    return this.#match(method, path) ?? (method === "HEAD" ? this.#match("GET", path) : undefined);
  }

  /** The methods with a handler on `path`, as an `Allow` header lists them. */
  async allowed(path: string): Promise<string[]> {
    const methods = new Set(this.tagged.has(path) ? TAGGED_METHODS : []);
    if (this.sockets.has(path) || await this.ui?.find(path)) methods.add("GET");
    for (const method of this.#methods) if (this.#match(method, path)) methods.add(method);
    if (methods.has("GET")) methods.add("HEAD");
    if (methods.size > 0) methods.add("OPTIONS");
    return [...methods];
  }

  #match(method: string, path: string): Route | undefined {
    if (!this.#methods.has(method)) return undefined;
    const [matches, texts] = this.#router.match(method, path);
    const match = matches[0];
    if (!match) return undefined;
    const params: Record<string, string> = {};
    for (const [name, value] of Object.entries(match[1])) {
      const text = typeof value === "number" ? texts![value] : value;
      if (text !== undefined) params[name] = decoded(text, decodeURIComponent);
    }
    return { handler: match[0], params };
  }
}

/**
 * The path of a URL as declarations write it: `/caf%C3%A9` becomes `/café`. Characters that would change its
 * segments (`%2F`, `%25`, …) stay encoded.
 *
 * @throws {DenizenError} `malformed` if it is not percent-encoded UTF-8.
 */
export function readablePath(path: string): string {
  return path.includes("%") ? decoded(path.replaceAll("%25", "%2525"), decodeURI) : path;
}

function decoded(text: string, decode: (text: string) => string): string {
  if (!text.includes("%")) return text;
  try {
    return decode(text);
  } catch (cause) {
    throw new DenizenError("malformed", `Cannot read the path as it is not percent-encoded UTF-8: ${text}`, {
      cause,
    });
  }
}
