/**
 * From an HTTP request to the one process it is for, and back.
 *
 * `/<id>/<path>` is the surface of a process: its endpoints take tagged bodies or open WebSockets, its routed
 * handlers and UI files answer the rest. `/healthz`, `/` and `/-/…` are the node's own. A reply leaves when
 * every commit it could have seen is durable (G3).
 */
import type { OutputGate } from "../commit/output_gate.ts";
import { DenizenError } from "../errors.ts";
import type { Ingress, Ownership } from "../ingress/ingress.ts";
import { decodeArguments, taggedHandlerOf } from "../ingress/target.ts";
import { HTTP_IN_FLIGHT_MAX, RETRY_AFTER_S } from "../limits.ts";
import type { Log } from "../log.ts";
import { readEnvelope } from "../message/envelope.ts";
import { ANYONE_OVER_HTTP } from "../message/principal.ts";
import { type Activation, subjectOf } from "../process/activation.ts";
import type { Definition } from "../process/definition.ts";
import type { Directory, Target } from "../process/directory.ts";
import type { Handler } from "../process/handler.ts";
import type { Registry } from "../process/registry.ts";
import { parseJson, readText } from "./body.ts";
import { isPlainForm, refuseOtherSites } from "./cross_site.ts";
import { errorReply, methodNotAllowed, unknownPath } from "./error_reply.ts";
import { Exchange } from "./exchange.ts";
import type { KnownHosts } from "./host.ts";
import { PROBES } from "./node_pages.ts";
import { bodyReply, type GatedBody, JSON_TEXT, textReply } from "./reply.ts";
import { routedArguments } from "./routed_arguments.ts";
import type { SocketTable } from "./sockets.ts";
import { readablePath, Surface, TAGGED_METHODS } from "./surface.ts";
import type { Connection } from "../world/network.ts";

export interface GatewayParts {
  readonly log: Log;
  readonly registry: Registry;
  readonly directory: Directory;
  readonly ingress: Ingress;
  readonly gate: OutputGate;
  readonly sockets: SocketTable;
  readonly ownership: Ownership;
  /** Of other web sites whose pages may write to the node. */
  readonly origins: ReadonlySet<string>;
  readonly hosts: KnownHosts;
  /** The node's own pages. */
  readonly nodePages: { fetch(request: Request, env: { client: string }): Response | Promise<Response> };
}

const NO_PARAMS: Readonly<Record<string, string>> = {};

export class Gateway {
  readonly #parts: GatewayParts;
  readonly #surfaces = new Map<Definition, Surface>();
  #inFlight = 0;
  /** Replies that may be streams and have not left. */
  #leaving = 0;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    for (const definition of parts.registry) {
      this.#surfaces.set(definition, new Surface(definition));
    }
  }

  /** Answers every request; never rejects. */
  readonly fetch = async (request: Request, connection: Connection): Promise<Response> => {
    const { lost } = this.#parts.ownership;
    if (this.#closed || lost || this.#inFlight >= HTTP_IN_FLIGHT_MAX) {
      return this.#refuse(request, connection, lost ?? this.#refusal());
    }
    this.#inFlight++;
    try {
      return await this.#route(request, connection);
    } catch (thrown) {
      if (!(thrown instanceof DenizenError) || thrown.code === "internal") {
        this.#parts.log.error("request failed", { url: request.url, error: thrown });
      }
      return errorReply(thrown);
    } finally {
      this.#inFlight--;
      if (this.#idle) this.#checkIdle();
    }
  };

  /** Answers with `error`, but for the pages that say how the node is. */
  async #refuse(request: Request, connection: Connection, error: DenizenError): Promise<Response> {
    try {
      const path = this.#parts.hosts.target(request).split("?", 1)[0]!;
      if (!PROBES.includes(path)) return errorReply(error);
      return await this.#parts.nodePages.fetch(request, { client: connection.remoteAddr.hostname });
    } catch (thrown) {
      return errorReply(thrown);
    }
  }

  /** Refuses new requests, but for the pages that say how the node is. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether every request has its reply, and every stream its end. */
  get idle(): boolean {
    return this.#inFlight === 0 && this.#leaving === 0;
  }

  /** Refuses new requests, and resolves when it is idle. */
  close(): Promise<void> {
    this.#closed = true;
    return new Promise((resolve) => {
      this.#idle = resolve;
      this.#checkIdle();
    });
  }

  #checkIdle(): void {
    if (this.idle) this.#idle?.();
  }

  async #untilLeft(answer: Response | Promise<Response>, { completed }: Connection): Promise<Response> {
    const reply = await answer;
    this.#leaving++;
    const left = () => {
      this.#leaving--;
      this.#checkIdle();
    };
    completed.then(left, left);
    return reply;
  }

  #refusal(): DenizenError {
    return this.#closed
      ? new DenizenError("draining", "Cannot take the request as the node is shutting down")
      : new DenizenError(
        "overloaded",
        `Cannot take the request as ${HTTP_IN_FLIGHT_MAX} are in flight (HTTP_IN_FLIGHT_MAX)`,
        { data: { retryAfterSeconds: RETRY_AFTER_S } },
      );
  }

  #route(request: Request, connection: Connection): Response | Promise<Response> {
    const url = this.#parts.hosts.target(request);
    const query = url.indexOf("?");
    const path = query === -1 ? url : url.slice(0, query);
    const slash = path.indexOf("/", 1);
    const id = slash === -1 ? path.slice(1) : path.slice(1, slash);
    if (!id.includes(":")) {
      return this.#parts.nodePages.fetch(request, { client: connection.remoteAddr.hostname });
    }
    const target = this.#parts.directory.resolve(id);
    const surface = this.#surfaces.get(target.definition)!;
    let rest = slash === -1 ? "/" : path.slice(slash);
    if (rest.includes("%")) rest = readablePath(rest);
    if (surface.tagged.has(rest) && TAGGED_METHODS.includes(request.method)) {
      if (isPlainForm(request)) refuseOtherSites(request, this.#parts.origins);
      return this.#answerTagged(target, request, connection);
    }
    if (slash === -1 && (request.method === "GET" || request.method === "HEAD")) {
      const location = query === -1 ? `${path}/` : `${path}/${url.slice(query)}`;
      return new Response(null, { status: 308, headers: { location } });
    }
    return this.#answerOther(surface, target, rest, request, connection);
  }

  async #answerTagged(target: Target, request: Request, connection: Connection): Promise<Response> {
    const text = await readText(request);
    const [tag, wire] = readEnvelope(text === "" ? undefined : parseJson(text, request));
    const handler = taggedHandlerOf(target, tag, "http");
    if (handler.httpMethod !== undefined && handler.httpMethod !== request.method) {
      throw methodNotAllowed(request.method, tag, [handler.httpMethod]);
    }
    const args = decodeArguments(target, handler, wire);
    const exchange = handler.takesContext
      ? new Exchange(request, connection.remoteAddr.hostname, NO_PARAMS)
      : undefined;
    const answer = this.#perform(target, handler, args, exchange);
    return handler.contract!.returnsResponse ? this.#untilLeft(answer, connection) : answer;
  }

  /** A path of a handler's own, a WebSocket, a file; or why there is none. */
  async #answerOther(
    surface: Surface,
    target: Target,
    path: string,
    request: Request,
    connection: Connection,
  ): Promise<Response> {
    const { method } = request;
    const { id } = target;
    const socket = surface.sockets.has(path);
    if (socket && method === "GET" && wantsSocket(request)) {
      refuseOtherSites(request, this.#parts.origins);
      return this.#parts.sockets.open(id, path, request);
    }
    const route = surface.route(method, path);
    if (route) {
      if (method !== "GET" && method !== "HEAD") refuseOtherSites(request, this.#parts.origins);
      const args = await routedArguments(target, route, request);
      const exchange = new Exchange(request, connection.remoteAddr.hostname, route.params);
      return await this.#untilLeft(
        this.#perform(target, route.handler, args, exchange),
        connection,
      );
    }
    if (method === "GET" || method === "HEAD") {
      const file = await surface.ui?.answer(request, path);
      if (file) return await this.#untilLeft(file, connection);
      if (socket) throw upgradeRequired(id, path);
    }
    const allow = await surface.allowed(path);
    if (allow.length === 0) throw unknownPath(method, `/${id}${path}`);
    if (method === "OPTIONS") {
      return new Response(null, { status: 204, headers: { allow: allow.join(", ") } });
    }
    throw methodNotAllowed(method, `/${id}${path}`, allow);
  }

  /**
   * Runs a handler. The answer is there at once if nothing has to be waited for, neither a turn nor the disk.
   * The process is woken only here: a request that cannot be answered wakes none.
   */
  #perform(
    target: Target,
    handler: Handler,
    args: readonly unknown[],
    exchange: Exchange | undefined,
  ): Response | Promise<Response> {
    const { directory, ingress } = this.#parts;
    const message = {
      target: target.id,
      tag: handler.tag,
      args,
      principal: ANYONE_OVER_HTTP,
      chain: null,
      deadline: ingress.defaultDeadline(),
    };
    const activation = ingress.admit(directory.cellOf(target), handler, message, JSON_TEXT, 0, exchange);
    if (ingress.isReady(activation)) return this.#answer(activation, exchange);
    return ingress.answered(activation).then(() => this.#answer(activation, exchange));
  }

  #answer(activation: Activation, exchange: Exchange | undefined): Response | Promise<Response> {
    const { error, value } = activation;
    if (error) throw error;
    if (typeof value === "string") return textReply(value, exchange);
    return bodyReply(value as Response, exchange, this.#gated(activation));
  }

  #gated(activation: Activation): GatedBody {
    const { gate } = this.#parts;
    const { process, deadline } = activation;
    const { losses } = process;
    const position = () => {
      if (process.losses === losses) return process.position;
      throw new DenizenError("storage", `Cannot go on with ${subjectOf(activation)} as its state was lost`);
    };
    return {
      whole: async () => {
        if (!gate.isOpen(position())) {
          await gate.pass({ position: position(), deadline, subject: subjectOf(activation) });
        }
      },
      stream: (body) => gate.stream(body, position),
    };
  }
}

function wantsSocket(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

function upgradeRequired(id: string, path: string): DenizenError {
  return new DenizenError(
    "upgrade_required",
    `Cannot GET /${id}${path} as it is a WebSocket endpoint: connect with "Upgrade: websocket"`,
  );
}
