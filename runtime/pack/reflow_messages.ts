/**
 * Reflow's messages as JSON: `{"type":"Integer","data":42}`. Objects and lists come in two dialects: "bytes" wraps each as
 * `{"data":[…]}` with the UTF-8 bytes of its JSON, as the SDK has it; "plain" has the JSON itself.
 *
 * What has no counterpart among plain values (Flow, Error, StreamHandle, …) stays a message, both ways.
 */
import { PackFault } from "@denizen/pack-sdk";

export type ReflowDialect = "bytes" | "plain";

export interface ReflowMessage {
  readonly type: string;
  readonly data?: unknown;
}

const KEPT = ["Flow", "Error", "Event", "Encoded", "Any", "StreamHandle", "RemoteReference", "NetworkEvent"];
const VALUES = ["Boolean", "Integer", "Float", "String", "Object", "Array", "Bytes", "Stream", "Optional"];
/** What V8 has and its types do not yet name: a number that is written as it stands. */
const rawJson = JSON as unknown as { rawJSON(text: string): object };
const INTEGER_END = 2n ** 63n;

function isMessage(value: object): value is ReflowMessage {
  const { type } = value as ReflowMessage;
  return typeof type === "string" && (KEPT.includes(type) || VALUES.includes(type)) &&
    Object.keys(value).every((key) => key === "type" || key === "data");
}

function wrap(value: unknown, dialect: ReflowDialect): unknown {
  if (dialect === "plain") return value;
  return { data: [...new TextEncoder().encode(JSON.stringify(value))] };
}

function refuse(reason: string): never {
  throw new PackFault("payload", `Cannot write a message as ${reason}`);
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
      if (value >= INTEGER_END || value < -INTEGER_END) refuse(`an integer has more than 64 bits: ${value}`);
      return { type: "Integer", data: rawJson.rawJSON(String(value)) };
    case "object":
      break;
    default:
      return refuse(`there is none for a ${typeof value}`);
  }
  if (value === null) return { type: "Optional", data: null };
  if (ArrayBuffer.isView(value)) {
    return { type: "Bytes", data: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
  }
  if (Array.isArray(value)) return { type: "Array", data: value.map((item) => wrap(item, dialect)) };
  return isMessage(value) ? value : { type: "Object", data: wrap(value, dialect) };
}

interface Unwrapped {
  readonly value: unknown;
  readonly dialect: ReflowDialect;
}

/** The JSON of a value in either dialect. */
function unwrap(value: unknown): Unwrapped {
  const data = typeof value === "object" && value !== null ? (value as { data?: unknown }).data : undefined;
  const isWrapped = Array.isArray(data) && Object.keys(value as object).length === 1 &&
    data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);
  if (!isWrapped) return { value, dialect: "plain" };
  try {
    return { value: JSON.parse(new TextDecoder().decode(new Uint8Array(data))), dialect: "bytes" };
  } catch {
    // Bytes that are no JSON: what Reflow's own binary form looks like.
    return { value: new Uint8Array(data), dialect: "bytes" };
  }
}

/** The value of a message, and the dialect it shows, if it shows one. */
export function fromMessage(message: unknown): { value: unknown; dialect?: ReflowDialect } {
  if (typeof message !== "object" || message === null || !isMessage(message)) return { value: message };
  const { type, data } = message;
  switch (type) {
    case "Object":
      return unwrap(data);
    case "Optional":
      return data === null || data === undefined ? { value: null } : unwrap(data);
    case "Array": {
      const items = (Array.isArray(data) ? data : []).map(unwrap);
      return { value: items.map(({ value }) => value), dialect: items[0]?.dialect };
    }
    case "Bytes":
    case "Stream":
      return { value: Array.isArray(data) ? new Uint8Array(data) : data };
    default:
      return { value: KEPT.includes(type) ? message : data };
  }
}

/** Keeps integers that a number cannot hold as bigints. */
export function parseReflowJson(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    return /^-?\d+$/.test(context?.source ?? "") ? BigInt(context!.source!) : value;
  };
  return JSON.parse(text, revive);
}
