/**
 * The arguments of a handler with a path of its own. A parameter is taken from the path (`:name`), else,
 * where the request has no body, from the query, else from the body: the whole of it for one parameter, a
 * field of it each for several.
 */
import { BODILESS_METHODS, DecodeError, type ParameterContract } from "@denizen/macro";
import { inside } from "@denizen/macro/codec";
import { DenizenError, shortened } from "../errors.ts";
import { argumentError } from "../ingress/target.ts";
import type { Target } from "../process/directory.ts";
import { parseJson, readBytes, readText } from "./body.ts";
import type { Route } from "./surface.ts";

/** @throws {DenizenError} `invalid_argument`, naming the parameter; or what reading the body throws. */
export async function routedArguments(
  { id }: Target,
  { handler, params }: Route,
  request: Request,
): Promise<unknown[]> {
  const { parameters } = handler.contract!;
  const inPath = (name: string) => Object.hasOwn(params, name);
  const rest = parameters.filter(({ name }) => !inPath(name));
  const bodiless = rest.length === 0 || BODILESS_METHODS.has(request.method);
  const raw = bodiless || !takesRaw(rest, request) ? undefined : await readBytes(request);
  const fields = bodiless || raw ? undefined : await readFields(rest, request);
  const given = fields ?? (raw ? {} : queryOf(request.url, rest));
  try {
    return parameters.map((parameter) => {
      const { name } = parameter;
      if (inPath(name)) return decodeText(parameter, [params[name]!]);
      if (raw) return raw;
      if (!Object.hasOwn(given, name)) return decode(parameter, undefined);
      return fields ? decode(parameter, given[name]) : decodeText(parameter, given[name] as string[]);
    });
  } catch (cause) {
    throw argumentError(id, handler.tag, cause);
  }
}

function invalid(message: string, path: string): DenizenError {
  return new DenizenError("invalid_argument", message, { data: { path } });
}

function queryOf(url: string, parameters: readonly ParameterContract[]): Record<string, string[]> {
  const start = url.indexOf("?");
  if (start === -1 || parameters.length === 0) return {};
  const query = new URLSearchParams(url.slice(start));
  return Object.fromEntries(
    parameters.filter(({ name }) => query.has(name)).map(({ name }) => [name, query.getAll(name)]),
  );
}

function decode(parameter: ParameterContract, wire: unknown): unknown {
  if (wire === undefined && parameter.optional) return undefined;
  try {
    return parameter.decode(wire);
  } catch (error) {
    throw inside(error, parameter.name);
  }
}

/**
 * Text in a URL is the value itself, or JSON, or one element of a list: the first reading that fits the
 * type. If none fits, the error is that of the first.
 */
function decodeText(parameter: ParameterContract, texts: readonly string[]): unknown {
  const readings: unknown[] = [];
  const add = (values: readonly unknown[]) => readings.push(values.length === 1 ? values[0] : values);
  const parsed = texts.map(parsedOrText);
  if (!parameter.text) add(parsed);
  add(texts);
  if (!parameter.text && texts.length === 1) readings.push(parsed, texts);
  let complaint: unknown;
  for (const reading of readings) {
    try {
      return parameter.decode(reading);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      complaint ??= inside(error, parameter.name);
    }
  }
  throw complaint;
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A parameter for bytes takes the raw body, unless its type is JSON. */
function takesRaw(parameters: readonly ParameterContract[], request: Request): boolean {
  const json = request.headers.get("content-type")?.includes("json");
  return parameters.length === 1 && parameters[0]!.bytes && !json;
}

/** The arguments in the body, by name; `undefined` for an empty body. */
async function readFields(
  parameters: readonly ParameterContract[],
  request: Request,
): Promise<Record<string, unknown> | undefined> {
  const text = await readText(request);
  if (text === "") return undefined;
  const value = parseJson(text, request);
  const names = parameters.map(({ name }) => name);
  if (names.length === 1) return { [names[0]!]: value };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`Cannot take the arguments as the body is not an object with ${names.join(", ")}`, "");
  }
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue;
    const text = shortened(name);
    throw invalid(`Cannot take the arguments as there is no parameter of that name: ${text}`, `/${text}`);
  }
  return value as Record<string, unknown>;
}
