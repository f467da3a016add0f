/**
 * Checks and converts the values of ports by the types that the pack gives them (`port_type.ts`). From
 * outside of the program they come in their JSON form, in which bytes and typed arrays are base64, as for
 * every process; in a call they are copied.
 *
 * An object may have more fields than its type; they pass as they are. A port whose type admits `undefined`
 * may be left out, and `null` from outside leaves it out too.
 */
import {
  checkBoolean,
  checkFinite,
  checkString,
  copyBytes,
  copyJson,
  copyTypedArray,
  decodeBytes,
  DecodeError,
  decodeTypedArray,
  encodeTypedArray,
  inside,
  setField,
  TYPED_ARRAY_NAMES,
} from "@denizen/macro/codec";
import type { Json } from "@denizen/macro";
import type { TemplateDescription } from "@denizen/pack-sdk";
import type { PortValues } from "../process/packs.ts";
import { type FieldType, mayBeAbsent, type PortType, readPortType } from "./port_type.ts";

/** The source of a value: JSON from outside, or a value of this program. */
type Source = "json" | "program";

export class PortCodec {
  readonly #inports: ReadonlyMap<string, PortType>;

  constructor({ inports, types }: Pick<TemplateDescription, "inports" | "types">) {
    this.#inports = new Map(inports.map((port) => [port, readPortType(types[port])]));
  }

  /** @throws {DecodeError} with the port that is wrong. */
  decode(wire: unknown): PortValues {
    return this.#converted(wire, "json");
  }

  /**
   * Shares nothing with the original.
   *
   * @throws {DecodeError} with the port that is wrong.
   */
  copy(values: unknown): PortValues {
    return this.#converted(values, "program");
  }

  #converted(given: unknown, source: Source): PortValues {
    const values = given ?? {};
    if (typeof values !== "object" || Array.isArray(values)) throw new DecodeError("values by port", values);
    const known = this.#inports;
    for (const port of Object.keys(values)) {
      if (known.has(port)) continue;
      const names = known.size === 0 ? "no inports" : `only the inports ${[...known.keys()].join(", ")}`;
      const value = (values as Record<string, unknown>)[port];
      throw inside(new DecodeError(`no value, as the template has ${names}`, value), port);
    }
    const converted: Record<string, unknown> = {};
    for (const [port, type] of known) convertField(converted, values, port, type, source);
    return converted;
  }
}

/** @throws {DecodeError} for what JSON cannot hold. Typed arrays may be nested anywhere. */
export function encodePorts(value: unknown): Json {
  if (value instanceof Uint8Array) return value.toBase64();
  if (ArrayBuffer.isView(value)) {
    const name = TYPED_ARRAY_NAMES.find((name) => value instanceof globalThis[name]);
    if (name) return encodeTypedArray(value, name);
  }
  if (Array.isArray(value)) return value.map(encodePorts);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encodePorts(item)]));
  }
  return copyJson(value);
}

/** Shares nothing with the original. */
export function copyPorts(values: unknown): PortValues {
  return structuredClone(values ?? {}) as PortValues;
}

function convert(type: PortType, value: unknown, source: Source): unknown {
  switch (type.kind) {
    case "any":
      return source === "json" ? copyJson(value) : cloned(value);
    case "string":
      return checkString(value);
    case "number":
      return checkFinite(value);
    case "boolean":
      return checkBoolean(value);
    case "literal":
      if (value === type.value) return value;
      throw new DecodeError(JSON.stringify(type.value), value);
    case "typed array":
      return convertTypedArray(type.name, value, source);
    case "union":
      return convertUnion(type, value, source);
    case "undefined":
      if (value === undefined) return undefined;
      break;
    case "never":
      break;
    default:
      return convertCompound(type, value, source);
  }
  throw new DecodeError(type.kind, value);
}

/** Lists and objects, but not typed arrays. */
function convertCompound(
  type: Extract<PortType, { kind: "object" | "list" | "tuple" | "fields" }>,
  value: unknown,
  source: Source,
): unknown {
  const isList = Array.isArray(value);
  if (type.kind === "list" || type.kind === "tuple") {
    if (!isList) throw new DecodeError("a list", value);
    return type.kind === "tuple" ? convertTuple(type, value, source) : convertItems(type.item, value, source);
  }
  if (!isObject(value) || isList && type.kind === "fields") throw new DecodeError("an object", value);
  if (type.kind === "object") return convert({ kind: "any" }, value, source);
  const converted: Record<string, unknown> = {};
  for (const [name, field] of type.fields) convertField(converted, value, name, typeOf(field), source);
  for (const name of Object.keys(value)) {
    if (!type.fields.has(name)) convertField(converted, value, name, type.rest, source);
  }
  return converted;
}

/** A list counts. What a frame has no form for does not. */
function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value) &&
    !(value instanceof Map || value instanceof Set);
}

function typeOf({ type, optional }: FieldType): PortType {
  if (!optional || mayBeAbsent(type)) return type;
  return { kind: "union", members: [type, { kind: "undefined" }], text: "" };
}

function convertItems(item: PortType, list: readonly unknown[], source: Source): unknown[] {
  return Array.from(list, (value, at) => convertAt(at, item, value, source));
}

function convertTuple(
  { items, rest }: Extract<PortType, { kind: "tuple" }>,
  list: readonly unknown[],
  source: Source,
): unknown[] {
  const needed = items.findLastIndex(({ optional }) => !optional) + 1;
  if (list.length < needed || rest === undefined && list.length > items.length) {
    const count = rest || needed < items.length ? `at least ${needed}` : String(needed);
    throw new DecodeError(`a list of ${count} values`, list);
  }
  return Array.from(list, (value, at) => {
    const item = items[at];
    return convertAt(at, item ? typeOf(item) : rest!, value, source);
  });
}

function convertAt(at: string | number, type: PortType, value: unknown, source: Source): unknown {
  try {
    return convert(type, value, source);
  } catch (error) {
    throw inside(error, at);
  }
}

/** Sets one field of `to`, unless it is absent and may be. */
function convertField(
  to: Record<string, unknown>,
  from: object,
  name: string,
  type: PortType,
  source: Source,
): void {
  const value = Object.hasOwn(from, name) ? (from as Record<string, unknown>)[name] : undefined;
  if (value === undefined && mayBeAbsent(type)) return;
  if (
    source === "json" && value === null && type.kind === "union" && mayBeAbsent(type) && !admitsNull(type)
  ) {
    return;
  }
  setField(to, name, convertAt(name, type, value, source));
}

function admitsNull(type: PortType): boolean {
  if (type.kind === "union") return type.members.some(admitsNull);
  return type.kind === "any" || type.kind === "literal" && type.value === null;
}

function convertTypedArray(
  name: Extract<PortType, { kind: "typed array" }>["name"],
  value: unknown,
  source: Source,
): unknown {
  if (name === "Uint8Array") return source === "json" ? decodeBytes(value) : copyBytes(value);
  return source === "json" ? decodeTypedArray(value, name) : copyTypedArray(value, name);
}

/**
 * The first member that fits. Typed arrays come last: from outside they are texts or lists, and where a text
 * or a list may be meant, it is one. The error is that of the only member it tells a place in, or else names
 * the whole type.
 */
function convertUnion(
  { members, text }: Extract<PortType, { kind: "union" }>,
  value: unknown,
  source: Source,
): unknown {
  const located: DecodeError[] = [];
  const present = members.filter(({ kind }) => kind !== "undefined");
  if (value === undefined && present.length < members.length) return undefined;
  const isArray = ({ kind }: PortType) => kind === "typed array" ? 1 : 0;
  for (const member of present.toSorted((a, b) => isArray(a) - isArray(b))) {
    try {
      return convert(member, value, source);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (present.length === 1 || error.path !== "") located.push(error);
    }
  }
  throw located.length === 1 ? located[0] : new DecodeError(text, value);
}

function cloned(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    throw new DecodeError("plain data", value);
  }
}
