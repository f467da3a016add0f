/** A path, under the process's own address, on which it is reachable. Made by {@link Http} or {@link Ws}. */
export type Endpoint =
  | { readonly kind: "http"; readonly path: string }
  | { readonly kind: "ws"; readonly path: string };

function checkPath(kind: string, path: string): string {
  if (!/^\/[^?#\s]*$/.test(path)) {
    throw new TypeError(
      `Cannot bind ${kind} as a path starts with "/" and has no "?", "#" or space: current value is "${path}"`,
    );
  }
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/**
 * Binds an HTTP path that takes tagged bodies such as `{"Increment":5}`.
 *
 * `Http("/api")` of `counter:examples:denizen.os` is `/counter:examples:denizen.os/api`.
 */
export function Http(path: string): Endpoint {
  return { kind: "http", path: checkPath("Http", path) };
}

/** Binds a path that accepts WebSockets; the process's `@ws` method gets their events. */
export function Ws(path: string): Endpoint {
  return { kind: "ws", path: checkPath("Ws", path) };
}
