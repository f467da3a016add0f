/**
 * Which handler a message is for, and whether it may be reached this way. All of it is decided before a
 * process is activated, with the same errors for every way in.
 */
import { DecodeError } from "@denizen/macro";
import { DenizenError, messageOf, shortened } from "../errors.ts";
import type { Handler } from "../process/handler.ts";
import type { Target } from "../process/directory.ts";

/** The ways in that a handler is declared for. */
type Way = "http" | "local";

/**
 * The handler of that tag.
 *
 * @throws {DenizenError} `unknown_handler`, or `wrong_transport` if it is not declared for that way in.
 */
export function handlerOf(target: Target, tag: string, way: Way): Handler {
  const handler = target.definition.handlers.get(tag);
  if (!handler) {
    throw new DenizenError(
      "unknown_handler",
      `Cannot call ${target.id} as it has no handler of that tag: ${shortened(tag)}`,
      { data: { known: [...target.definition.handlers.keys()] } },
    );
  }
  if (!handler.transports.has(way)) throw wrongTransport(target, handler, way);
  return handler;
}

/** As {@link handlerOf}, for a body that names the handler: one with a path of its own answers there only. */
export function taggedHandlerOf(target: Target, tag: string, way: Way): Handler {
  const handler = handlerOf(target, tag, way);
  if (way !== "http" || !handler.route) return handler;
  const { method, path } = handler.route;
  throw new DenizenError(
    "unknown_handler",
    `Cannot call ${tag} of ${target.id} by tag as it answers ${method} ${path}`,
  );
}

/**
 * The arguments of a tagged message, as the handler takes them.
 *
 * @throws {DenizenError} `invalid_argument`, with the path of the wrong value.
 */
export function decodeArguments(target: Target, handler: Handler, wire: unknown): unknown[] {
  try {
    return handler.contract!.decodeArguments(wire);
  } catch (cause) {
    throw argumentError(target.id, handler.tag, cause);
  }
}

/**
 * The one error for an argument that does not fit, for every way in; anything else that was thrown is
 * `internal`.
 */
export function argumentError(target: string, tag: string, cause: unknown): DenizenError {
  if (cause instanceof DenizenError) return cause;
  if (cause instanceof DecodeError) {
    return new DenizenError(
      "invalid_argument",
      `Cannot call ${tag} of ${target} as an argument is wrong: ${cause.message}`,
      { cause, data: { path: cause.path } },
    );
  }
  return new DenizenError("internal", `Cannot call ${tag} of ${target} as it threw: ${messageOf(cause)}`, {
    cause,
  });
}

function wrongTransport({ id }: Target, handler: Handler, way: Way): DenizenError {
  return new DenizenError(
    "wrong_transport",
    `Cannot call ${handler.tag} of ${id} over ${way} as it is declared for: ${
      [...handler.transports].join(", ")
    }`,
  );
}
