/**
 * Reflow's messages as JSON: `{"type":"Integer","data":42}`. Objects and lists come in two dialects: "bytes"
 * wraps each as `{"data":[…]}` with the UTF-8 bytes of its JSON, as the SDK has it; "plain" has the JSON
 * itself.
 *
 * Messages without a plain counterpart (Flow, Error, StreamHandle, …) stay messages, in both directions.
 */
import { PackFault } from "@denizen/pack-sdk";

export type ReflowDialect = "bytes" | "plain";

interface ReflowMessage {
  readonly type: string;
  readonly data?: unknown;
}

const KEPT = ["Flow", "Error", "Event", "Encoded", "Any", "StreamHandle", "RemoteReference", "NetworkEvent"];
const VALUES = ["Boolean", "Integer", "Float", "String", "Object", "Array", "Bytes", "Stream", "Optional"];
/** V8 has `JSON.rawJSON`, which TypeScript's types lack: a number written verbatim. */
const rawJson = JSON as unknown as { rawJSON(text: string): object };
const INTEGER_END = 2n ** 63n;

function isMessage(value: object): value is ReflowMessage {
  const { type } = value as ReflowMessage;
  return typeof type === "string" && (KEPT.includes(type) || VALUES.includes(type)) &&
    Object.keys(value).every((key) => key === "type" || key === "data");
}

function wrap(value: unknown, dialect: ReflowDialect): unknown {
  if (dialect === "plain") return value;
  return { data: [...new TextEncoder().encode(writeReflowJson(value))] };
}

function refuse(reason: string): never {
  throw new PackFault("payload", `Cannot write a message as ${reason}`);
}

function integer(value: bigint): object {
  if (value >= INTEGER_END || value < -INTEGER_END) refuse(`an integer has more than 64 bits: ${value}`);
  return rawJson.rawJSON(String(value));
}

function bytesOf(view: ArrayBufferView): number[] {
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}

/** Values that JSON would silently drop are written in Reflow's form, or refused. */
function inJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return integer(value);
  if (typeof value === "number" && !Number.isFinite(value)) refuse(`a number is not finite: ${value}`);
  if (ArrayBuffer.isView(value)) return bytesOf(value);
  if (value instanceof Map || value instanceof Set) refuse(`JSON has no ${value.constructor.name}`);
  return value;
}

/** JSON in which integers of 64 bits are exact. */
export function writeReflowJson(value: unknown): string {
  try {
    return JSON.stringify(value, inJson);
  } catch (cause) {
    if (cause instanceof PackFault) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PackFault("payload", `Cannot write a message as its value is not JSON: ${reason}`, 0, cause);
  }
}

export function toMessage(value: unknown, dialect: ReflowDialect): ReflowMessage {
  switch (typeof value) {
    case "boolean":
      return { type: "Boolean", data: value };
    case "string":
      return { type: "String", data: value };
    case "number":
      if (!Number.isFinite(value)) refuse(`a number is not finite: ${value}`);
      return { type: Number.isSafeInteger(value) ? "Integer" : "Float", data: value };
    case "bigint":
      return { type: "Integer", data: integer(value) };
    case "object":
      break;
    default:
      return refuse(`no type of message holds a ${typeof value}`);
  }
  if (value === null) return { type: "Optional", data: null };
  if (ArrayBuffer.isView(value)) {
    return { type: "Bytes", data: bytesOf(value) };
  }
  if (Array.isArray(value)) return { type: "Array", data: value.map((item) => wrap(item, dialect)) };
  return isMessage(value) ? value : { type: "Object", data: wrap(value, dialect) };
}

interface Unwrapped {
  readonly value: unknown;
  readonly dialect: ReflowDialect;
}

/** The JSON of a value in either dialect; in `known`, if the dialect is known. */
function unwrap(value: unknown, known: ReflowDialect | undefined): Unwrapped {
  if (known === "plain") return { value, dialect: "plain" };
  const data = typeof value === "object" && value !== null ? (value as { data?: unknown }).data : undefined;
  const isWrapped = Array.isArray(data) && Object.keys(value as object).length === 1 &&
    data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);
  if (!isWrapped) return { value, dialect: "plain" };
  try {
    return { value: parseReflowJson(new TextDecoder().decode(new Uint8Array(data))), dialect: "bytes" };
  } catch {
    // Bytes that are not JSON, which look like Reflow's own binary form.
    return { value: new Uint8Array(data), dialect: "bytes" };
  }
}

/**
 * The value of a message, and its dialect, if the message shows it. `known` is the pack's dialect, if it is
 * known.
 */
export function fromMessage(
  message: unknown,
  known?: ReflowDialect,
): { value: unknown; dialect?: ReflowDialect } {
  if (typeof message !== "object" || message === null || !isMessage(message)) return { value: message };
  const { type, data } = message;
  switch (type) {
    case "Object":
      return unwrap(data, known);
    case "Optional":
      return data === null || data === undefined ? { value: null } : unwrap(data, known);
    case "Array": {
      const items = (Array.isArray(data) ? data : []).map((item) => unwrap(item, known));
      return { value: items.map(({ value }) => value), dialect: items[0]?.dialect };
    }
    case "Bytes":
    case "Stream":
      return { value: Array.isArray(data) ? new Uint8Array(data) : data };
    default:
      return { value: KEPT.includes(type) ? message : data };
  }
}

/** Returns integers that a number cannot hold as bigints. */
export function parseReflowJson(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    return /^-?\d+$/.test(context?.source ?? "") ? BigInt(context!.source!) : value;
  };
  return JSON.parse(text, revive);
}
