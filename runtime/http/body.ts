/** Reads request bodies, up to their bound. */
import { DenizenError, messageOf } from "../errors.ts";
import { BODY_BYTES_MAX } from "../limits.ts";

function tooLarge(bytes: string): DenizenError {
  return new DenizenError(
    "payload_too_large",
    `Cannot take the body as it has more than ${BODY_BYTES_MAX} bytes (BODY_BYTES_MAX): ${bytes}`,
  );
}

/**
 * The body, whole.
 *
 * @throws {DenizenError} `payload_too_large`, before reading if the length is announced; `malformed` if the
 * body is incomplete.
 */
export async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (Number(announced) > BODY_BYTES_MAX) throw tooLarge(announced);
    return await request.bytes().catch(brokeOff);
  }
  if (request.body === null) return new Uint8Array();
  return await readStream(request.body).catch(brokeOff);
}

/**
 * Like {@link readBytes}, as text.
 *
 * @throws {DenizenError} `malformed`, also if it is not UTF-8.
 */
export function readText(request: Request): Promise<string> {
  const announced = request.headers.get("content-length");
  if (announced === null) return readBytes(request).then((bytes) => decodeStrictly(bytes, request));
  if (Number(announced) > BODY_BYTES_MAX) return Promise.reject(tooLarge(announced));
  // Every additional promise would slow every request.
  return request.text().then((text) => {
    // Faster than strict decoding. Invalid UTF-8 becomes U+FFFD, which changes the length; only a four-byte
    // character without its last byte goes unnoticed.
    if (text.includes("\ufffd") && !hasLength(text, Number(announced))) throw notUtf8(request);
    return text;
  }, brokeOff);
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();
const BYTE_ORDER_MARK_LENGTH = 3;

/** A byte order mark at the start was removed. */
function hasLength(text: string, announced: number): boolean {
  const { length } = encoder.encode(text);
  return length === announced || length + BYTE_ORDER_MARK_LENGTH === announced;
}

function decodeStrictly(bytes: Uint8Array, request: Request): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (cause) {
    throw notUtf8(request, cause);
  }
}

function notUtf8(request: Request, cause?: unknown): DenizenError {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null) return unsupported(`its encoding is ${encoding}`, cause);
  return new DenizenError("malformed", "Cannot read the body as it is not UTF-8", { cause });
}

async function readStream(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw tooLarge(`at least ${size}`);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function brokeOff(cause: unknown): never {
  if (cause instanceof DenizenError) throw cause;
  throw new DenizenError("malformed", `Cannot read the body as it broke off: ${messageOf(cause)}`, { cause });
}

/** Content types of JSON, or of nothing in particular: `curl -d` sends that of a form. */
const LENIENT = /^\s*(application\/(.+\+)?json|text\/plain|application\/x-www-form-urlencoded)\s*(;|$)/i;

/**
 * The value of a JSON body. JSON is accepted with any content type; the type decides only the error for a
 * body that is not JSON.
 *
 * @throws {DenizenError} `malformed` (400) or `unsupported_media_type` (415).
 */
export function parseJson(text: string, request: Request): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const type = request.headers.get("content-type");
    if (type !== null && !LENIENT.test(type)) throw unsupported(`its type is ${type}`, cause);
    const encoding = request.headers.get("content-encoding");
    if (encoding !== null) throw unsupported(`its encoding is ${encoding}`, cause);
    throw new DenizenError("malformed", `Cannot read the body as it is not JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function unsupported(reason: string, cause: unknown): DenizenError {
  return new DenizenError(
    "unsupported_media_type",
    `Cannot read the body as it is not JSON: ${reason}`,
    { cause },
  );
}
