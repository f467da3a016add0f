/**
 * Facts about the processes and definitions of a node, for its own pages, embedding programs and the
 * `denizen` command.
 */
import type { Cell } from "../process/cell.ts";
import type { Definition } from "../process/definition.ts";

export interface ProcessInfo {
  readonly id: string;
  readonly status: Cell["status"];
  /** Messages in its mailbox. */
  readonly waiting: number;
  /** The tag of the handler it runs. */
  readonly running?: string;
  /** Messages handled, and failed, since it was activated. */
  readonly messages: number;
  readonly failures: number;
  /** Why it is restarting or stopped. */
  readonly trouble?: string;
}

export function processInfo(cell: Cell): ProcessInfo {
  const { id, status, turns: { waiting }, running, messages, failures, trouble } = cell;
  return {
    id,
    status,
    waiting,
    ...(running && { running: running.handler.tag }),
    messages,
    failures,
    ...(trouble && { trouble: trouble.message }),
  };
}

export interface DefinitionInfo {
  readonly id: string;
  readonly name: string;
  readonly keyed: boolean;
  /** Its paths, without the node's URL. Those of keyed processes contain `<key>`. */
  readonly paths: readonly string[];
  /** The path of its page, if it has one. */
  readonly ui?: string;
  /** The {@link paths} that take tagged bodies, and those that accept WebSockets. */
  readonly endpoints: readonly string[];
  readonly sockets: readonly string[];
  readonly handlers: readonly {
    readonly tag: string;
    readonly parameters: readonly string[];
    readonly transports: readonly string[];
    /** `GET /counter:examples:denizen.os/status`, of a handler with a path of its own. */
    readonly route?: string;
  }[];
}

export function definitionInfo(definition: Definition): DefinitionInfo {
  const { id, name, keyed, endpoints, ui } = definition;
  const base = `/${keyed ? id.replace(":", ".<key>:") : id}`;
  const handlers = [...definition.handlers.values()];
  const of = (kind: string) =>
    endpoints.filter((endpoint) => endpoint.kind === kind).map(({ path }) => base + path);
  return {
    id,
    name,
    keyed,
    paths: [...(ui === undefined ? [] : [`${base}/`]), ...endpoints.map(({ path }) => base + path)],
    ...(ui !== undefined && { ui: `${base}/` }),
    endpoints: of("http"),
    sockets: of("ws"),
    handlers: handlers.map(({ tag, contract, transports, route }) => ({
      tag,
      parameters: contract!.parameters.map((parameter) => parameter.name),
      transports: [...transports],
      ...(route && { route: `${route.method} ${base}${route.path}` }),
    })),
  };
}
