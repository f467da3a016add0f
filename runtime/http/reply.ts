/** From what a handler returned to the reply that leaves. */
import { DecodeError, type HandlerContract } from "@denizen/macro";
import type { ReplyEncoding } from "../process/activation.ts";
import type { Exchange } from "./exchange.ts";
import { beginningOf } from "./stream_beginning.ts";

/** Values leave as JSON text, made before the next handler can change what they refer to. */
export const JSON_TEXT: ReplyEncoding = {
  encode(contract: HandlerContract | undefined, value: unknown) {
    if (contract!.returnsResponse) return checkStream(value);
    return JSON.stringify(contract!.encodeResult(value));
  },
};

/** A body that was already read would fail only after the reply has started. */
function checkStream(value: unknown): unknown {
  const used = value instanceof Response ? value.bodyUsed : value instanceof ReadableStream && value.locked;
  if (used) throw new DecodeError("a body that has not been read", value, "one that has");
  return value;
}

const JSON_TYPE = { headers: { "content-type": "application/json" } };
/** Statuses of replies without a body. */
const BODILESS = new Set([204, 205, 304]);

/** Makes a body wait until what it depends on is durable; see commit/output_gate.ts. */
export interface GatedBody {
  /** Resolves when a body that is complete may leave. */
  whole(): Promise<void>;
  stream(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
}

/** The reply that carries the JSON text which {@link JSON_TEXT} made of a handler's value. */
export function textReply(text: string, exchange: Exchange | undefined): Response {
  const decided = exchange?.decided;
  if (!decided) return new Response(text, JSON_TYPE);
  if (BODILESS.has(decided.status)) return new Response(null, decided);
  if (!decided.headers.has("content-type")) decided.headers.set("content-type", "application/json");
  return new Response(text, decided);
}

/** The reply that a handler made itself, a `Response` or the stream of its body. */
export function bodyReply(
  value: Response | ReadableStream<Uint8Array>,
  exchange: Exchange | undefined,
  gated: GatedBody,
): Response | Promise<Response> {
  const decided = exchange?.decided;
  if (!(value instanceof Response)) return new Response(gated.stream(value), decided);
  return withBody(decided ? withHeaders(value, decided.headers) : value, gated);
}

/**
 * A complete body is sent whole, with its length; one that is still being produced passes the gate chunk by
 * chunk.
 */
async function withBody(response: Response, gated: GatedBody): Promise<Response> {
  if (response.body === null) return response;
  const { status, statusText, headers } = response;
  const { whole, rest } = await beginningOf(response.body);
  // Its producer may have seen the state after the handler ended.
  if (whole) await gated.whole();
  return new Response(whole ?? gated.stream(rest), { status, statusText, headers });
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
