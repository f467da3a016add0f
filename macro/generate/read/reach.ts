/** Checks that messages can reach each handler, and that no two handlers have the same route. */
import type ts from "typescript";
import { BODILESS_METHODS } from "../../declare/http_methods.ts";
import type { HandlerModel, ProcessModel } from "../model.ts";
import type { Problems } from "./problems.ts";

/** A handler and its node, the place of its problems. */
export interface PlacedHandler {
  readonly model: HandlerModel;
  readonly node: ts.MethodDeclaration;
}

interface PlacedProcess {
  readonly className: string;
  readonly node: ts.ClassDeclaration;
  readonly endpoints: ProcessModel["endpoints"];
  readonly handlers: readonly PlacedHandler[];
  readonly init?: { readonly node: ts.MethodDeclaration };
  readonly socket?: { readonly node: ts.MethodDeclaration };
}

export function checkReach(problems: Problems, process: PlacedProcess): void {
  const { className, node, endpoints, handlers, init, socket } = process;
  if (handlers.length === 0 && init === undefined && socket === undefined) {
    problems.add(
      className,
      "no message can reach it",
      node.name ?? node,
      "give at least one method @http, @local, @ws or @init",
    );
  }
  const hasSocketEndpoint = endpoints.some(({ kind }) => kind === "ws");
  if (socket !== undefined && !hasSocketEndpoint) {
    problems.add(
      `${className}.${socket.node.name.getText()}`,
      "@ws has no WebSocket endpoint",
      socket.node.name,
      'add Ws("/ws") to "endpoints"',
    );
  }
  if (socket === undefined && hasSocketEndpoint) {
    problems.add(
      className,
      "a WebSocket endpoint has no @ws method",
      node.name ?? node,
      'add one, or remove Ws(…) from "endpoints"',
    );
  }
  const routes = new Map<string, string>();
  for (const handler of handlers) {
    checkHandler(problems, className, handler, endpoints);
    checkRoute(problems, className, handler, routes);
  }
}

function checkHandler(
  problems: Problems,
  className: string,
  { model: { method, transports, route, httpMethod }, node }: PlacedHandler,
  endpoints: ProcessModel["endpoints"],
): void {
  const refuse = (reason: string, fix: string) =>
    problems.add(`${className}.${method}`, reason, node.name, fix);
  if (transports.includes("http") && !route && !endpoints.some(({ kind }) => kind === "http")) {
    refuse("@http has no endpoint", 'add Http("/api") to "endpoints", or give it a path');
  }
  if (httpMethod !== undefined && BODILESS_METHODS.has(httpMethod)) {
    refuse(`it answers ${httpMethod}, which carries no tag,`, "give it a path too");
  }
  if (route && route.method !== "GET" && endpoints.some(({ path }) => path === route.path)) {
    refuse(`${route.method} ${route.path} is an endpoint's path too`, "change one of the two");
  }
}

/** A `:name` without a parameter would be dropped, and usually means that a parameter is misspelt. */
function checkRoute(
  problems: Problems,
  className: string,
  { model: { method, route, parameters }, node }: PlacedHandler,
  routes: Map<string, string>,
): void {
  if (route === undefined) return;
  const text = `${route.method} ${route.path}`;
  const other = routes.get(text);
  if (other !== undefined) {
    problems.add(
      `${className}.${method}`,
      `${other} already answers ${text}`,
      node.name,
      "change one of the two",
    );
  } else routes.set(text, method);
  for (const [, name] of route.path.matchAll(/:([A-Za-z_]\w*)/g)) {
    if (parameters.some((parameter) => parameter.name === name)) continue;
    const names = parameters.map((parameter) => parameter.name).join(", ") || "none";
    problems.add(
      `${className}.${method}`,
      `":${name}" of its path is not a parameter`,
      node.name,
      `name it after one of the parameters, which are: ${names}`,
    );
  }
}
