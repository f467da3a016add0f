/** A node inside the test's own program, with processes of `tests/apps/`, and requests for HTTP tests. */
import {
  type Definition,
  ERROR_CODES,
  type ErrorCode,
  hostDefinitions,
  loadApp,
  type LogLine,
  type Node,
  type NodeOptions,
} from "@denizen/runtime";
import assert from "node:assert/strict";

export interface Hosted extends AsyncDisposable {
  readonly node: Node;
  /** What was logged so far. */
  readonly log: LogLine[];
  /** The absolute URL of a path. */
  url(path: string): string;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Posts `body` as JSON, or as it is if it is a string, bytes or a stream. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

/** The definitions in `tests/apps/<name>.ts`. */
export function definitions(name: string): Promise<Definition[]> {
  return loadApp(new URL(`apps/${name}.ts`, import.meta.url));
}

/**
 * Hosts the processes of `tests/apps/<name>.ts`, on any free port and in memory unless `options` say
 * otherwise.
 */
export async function host(
  apps: readonly (string | Definition)[],
  options: Omit<NodeOptions, "apps" | "log"> = {},
): Promise<Hosted> {
  const log: LogLine[] = [];
  const found = await Promise.all(apps.map((app) => typeof app === "string" ? definitions(app) : [app]));
  const node = await hostDefinitions(found.flat(), { port: 0, ...options, log: (line) => log.push(line) });
  const url = (path: string) => node.url + path;
  return {
    node,
    log,
    url,
    get: (path, init) => fetch(url(path), { redirect: "manual", ...init }),
    post: (path, body, init) => fetch(url(path), { method: "POST", body: asBody(body), ...init }),
    [Symbol.asyncDispose]: () => node.drain(),
  };
}

function asBody(value: unknown): BodyInit {
  const raw = typeof value === "string" || value instanceof Uint8Array || value instanceof ReadableStream;
  return raw ? value as BodyInit : JSON.stringify(value);
}

interface Envelope {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  data?: Record<string, unknown>;
}

/**
 * Reads an error reply, and checks what holds for all of them: the status, the envelope, and that it leaks
 * no secrets.
 */
export async function errorOf(response: Response, code: ErrorCode, status?: number): Promise<Envelope> {
  const text = await response.text();
  assert.equal(response.status, status ?? ERROR_CODES[code].status, text);
  return checkEnvelope(text, response.headers, code);
}

export function checkEnvelope(text: string, headers: Headers, code: ErrorCode): Envelope {
  assert.equal(headers.get("content-type"), "application/json");
  const body = JSON.parse(text) as { error: Envelope };
  assert.deepEqual(Object.keys(body), ["error"]);
  const { error } = body;
  assert.equal(error.code, code, text);
  assert.deepEqual(
    Object.keys(error).filter((field) => field !== "data").sort(),
    ["code", "message", "retryable"],
  );
  assert.equal(error.retryable, ERROR_CODES[code].next === "retry");
  assert.match(error.message, /^Cannot .+/);
  assert.doesNotMatch(
    text,
    /\bat \S+ \(|\.ts:\d|file:\/\/|password/,
    "no stack and no thrown text leaves the node",
  );
  return error;
}

/** Reads the value of a reply without an error. */
export async function valueOf(response: Response): Promise<unknown> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(response.headers.get("content-type"), "application/json");
  return JSON.parse(text);
}
