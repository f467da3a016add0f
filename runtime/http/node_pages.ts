/**
 * The node's own pages: whether it is alive (`/healthz`) and ready (`/readyz`), a list of what it hosts, and
 * the API of the `denizen` command under `/-/`.
 */
import { Hono } from "hono";
import { METHOD_NAME_ALL } from "hono/router";
import { timingSafeEqual } from "node:crypto";
import { DenizenError } from "../errors.ts";
import { DEADLINE_DEFAULT_MS } from "../limits.ts";
import type { TaggedCalls } from "../ingress/tagged.ts";
import type { Directory } from "../process/directory.ts";
import type { Registry } from "../process/registry.ts";
import { parseJson, readText } from "./body.ts";
import { homepage } from "./homepage.ts";
import { definitionInfo, processInfo } from "./node_info.ts";
import { errorBody, methodNotAllowed, unknownPath } from "./error_reply.ts";
import type { UnreadyReason } from "./readiness.ts";

interface NodePagesParts {
  readonly name: string;
  /** Proves that a request to `/-/` comes from someone who can read the data folder. */
  readonly token: string;
  readonly registry: Registry;
  readonly directory: Directory;
  readonly tagged: TaggedCalls;
  /** Why the node should get no requests; none if it is ready. */
  readonly unready: () => readonly UnreadyReason[];
  /** What is known of each pack that is loaded. */
  readonly packs: () => readonly object[];
}

/** The pages that a node serves as long as its program runs, even when it refuses all other requests. */
export const PROBES: readonly string[] = ["/healthz", "/readyz"];

interface Environment {
  Bindings: { readonly client: string };
}

export function createNodePages(parts: NodePagesParts): Hono<Environment> {
  const pages = new Hono<Environment>();
  pages.get("/healthz", (c) => c.json({ status: "ok", node: parts.name }));
  pages.get("/readyz", (c) => {
    const reasons = parts.unready();
    const ready = reasons.length === 0;
    return c.json({ status: ready ? "ready" : "unready", node: parts.name, reasons }, ready ? 200 : 503);
  });
  pages.get("/", (c) => c.html(homepage(parts.name, [...parts.registry].map(definitionInfo))));
  pages.use("/-/*", async (c, next) => {
    checkAdmin(c.req.raw, c.env.client, parts.token);
    await next();
  });
  pages.get("/-/processes", (c) => c.json({ processes: [...parts.directory].map(processInfo) }));
  pages.get("/-/definitions", (c) => c.json({ definitions: [...parts.registry].map(definitionInfo) }));
  pages.get("/-/packs", (c) => c.json({ packs: parts.packs() }));
  pages.post("/-/call/:address", async (c) => {
    const text = await readText(c.req.raw);
    const timeoutMs = Number(c.req.header("denizen-timeout-ms") ?? DEADLINE_DEFAULT_MS);
    const body = text === "" ? undefined : parseJson(text, c.req.raw);
    const result = await parts.tagged.call(c.req.param("address"), body, { timeoutMs });
    return c.json(
      result.status === "Success" ? result : { status: result.status, error: errorBody(result.error) },
    );
  });
  pages.notFound((c) => {
    const { method, path } = c.req;
    const allow = METHODS.filter((method) => hasPage(pages, method, path));
    throw allow.length === 0 ? unknownPath(method, path) : methodNotAllowed(method, path, allow);
  });
  pages.onError((error) => {
    throw error;
  });
  return pages;
}

const METHODS = ["GET", "HEAD", "POST"];

/** Hono answers `HEAD` where it answers `GET`. */
function hasPage(pages: Hono<Environment>, method: string, path: string): boolean {
  const [matches] = pages.router.match(method === "HEAD" ? "GET" : method, path);
  return matches.some(([[, route]]) => route.method !== METHOD_NAME_ALL);
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
const PROXY_HEADERS = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

/**
 * The token keeps other users of the machine out; the client's address and the headers keep proxies from
 * letting others in.
 */
function checkAdmin(request: Request, client: string, token: string): void {
  if (!LOOPBACK.test(client) || PROXY_HEADERS.some((name) => request.headers.has(name))) {
    throw new DenizenError(
      "forbidden",
      `Cannot use the node's API as it is for this machine only: ${client}`,
    );
  }
  const given = new TextEncoder().encode(request.headers.get("authorization") ?? "");
  const wanted = new TextEncoder().encode(`Bearer ${token}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new DenizenError(
      "unauthorized",
      "Cannot use the node's API as the token is wrong: it stands in node.json in the node's data folder",
    );
  }
}
