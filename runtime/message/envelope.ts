/**
 * The tagged body that every transport accepts: `{"Increment":5}`, `{"Update":[a,b]}`, and for no arguments
 * `"Status"`, `{"Status":null}` or `{"Status":{}}`. The format is Hyperware's.
 */
import { describe } from "@denizen/macro/codec";
import { DenizenError, shortened } from "../errors.ts";

/** Splits a body, as `JSON.parse` returns it, into `[tag, wire arguments]`. */
export function readEnvelope(body: unknown): [tag: string, args: unknown] {
  if (typeof body === "string") return [body, null];
  if (typeof body === "object" && body !== null && !Array.isArray(body)) {
    let tag: string | undefined;
    for (const name in body) {
      if (tag !== undefined) {
        return fail(`it has more than one tag: ${shortened(Object.keys(body).slice(0, 10).join(", "))}`);
      }
      tag = name;
    }
    if (tag !== undefined) return [tag, (body as Record<string, unknown>)[tag]];
  }
  return fail(`it is ${body === undefined ? "empty" : describe(body)}`);
}

function fail(reason: string): never {
  throw new DenizenError(
    "malformed",
    `Cannot read a message as it is not {"Handler": arguments} or "Handler": ${reason}`,
  );
}
