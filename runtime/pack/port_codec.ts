/**
 * The values of ports in the form that JSON has for them, where a template is called from outside of the program. A port whose
 * type names bytes or typed arrays takes them as the codec of every process does, in base64; everything else is JSON as it is.
 */
import {
  copyJson,
  decodeBytes,
  DecodeError,
  decodeTypedArray,
  encodeTypedArray,
  inside,
  TYPED_ARRAY_NAMES,
} from "@denizen/macro/codec";
import type { Json } from "@denizen/macro";
import type { TemplateDescription } from "@denizen/pack-sdk";
import type { PortValues } from "../process/packs.ts";

type Decode = (wire: unknown) => unknown;

/** How a port's values are read, from its type as the pack describes it, such as `string | Float32Array`. */
function decoderOf(type: string | undefined): Decode {
  const members = type?.split("|").map((member) => member.trim()) ?? [];
  const array = TYPED_ARRAY_NAMES.find((name) => members.includes(name));
  const isBytes = members.includes("bytes") || members.includes("Uint8Array");
  const decode: Decode | undefined = isBytes
    ? decodeBytes
    : array && ((wire) => decodeTypedArray(wire, array));
  if (!decode) return copyJson;
  // Where a text may be meant, a text is a text.
  return members.includes("string")
    ? copyJson
    : (wire) => typeof wire === "string" || Array.isArray(wire) ? decode(wire) : copyJson(wire);
}

export class PortCodec {
  readonly #decoders: ReadonlyMap<string, Decode>;

  constructor({ inports, types }: TemplateDescription) {
    this.#decoders = new Map(inports.map((port) => [port, decoderOf(types[port])]));
  }

  /** @throws {DecodeError} with the port that is wrong. */
  decode(wire: unknown): PortValues {
    if (wire === undefined || wire === null) return {};
    if (typeof wire !== "object" || Array.isArray(wire)) throw new DecodeError("values by port", wire);
    const values: Record<string, unknown> = {};
    for (const [port, value] of Object.entries(wire)) {
      const decode = this.#decoders.get(port);
      try {
        if (!decode) {
          throw new DecodeError(
            `no such inport, but ${[...this.#decoders.keys()].join(", ") || "none"}`,
            value,
          );
        }
        values[port] = decode(value);
      } catch (error) {
        throw inside(error, port);
      }
    }
    return values;
  }

  /** @throws {DecodeError} for what JSON cannot hold. */
  encode(values: unknown): { readonly [port: string]: Json } {
    return encodeValue(values) as { readonly [port: string]: Json };
  }

  /** Shares nothing with the original. */
  copy(values: unknown): PortValues {
    return structuredClone(values ?? {}) as PortValues;
  }
}

/** Typed arrays stand wherever the pack put them. */
function encodeValue(value: unknown): Json {
  if (value instanceof Uint8Array) return value.toBase64();
  if (ArrayBuffer.isView(value)) {
    const name = TYPED_ARRAY_NAMES.find((name) => value instanceof globalThis[name]);
    if (name) return encodeTypedArray(value, name);
  }
  if (Array.isArray(value)) return value.map(encodeValue);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encodeValue(item)]));
  }
  return copyJson(value);
}
