/** Reads the decorators of one handler: its transports, save policy, path and HTTP method. */
import { HTTP_METHODS, type HttpMethod } from "../../declare/http_methods.ts";
import { HTTP_OPTIONS, LOCAL_OPTIONS } from "../../declare/options.ts";
import type { SavePolicy } from "../../declare/save.ts";
import type { Transport } from "../../declare/transport.ts";
import type { HandlerModel } from "../model.ts";
import type { DecoratorUse } from "./decorators.ts";
import { isSavePolicy, OptionReader } from "./option_reader.ts";
import type { Reading } from "./reading.ts";

export const TRANSPORTS: readonly Transport[] = ["http", "local", "remote"];

type HandlerSettings =
  & Pick<HandlerModel, "transports" | "route" | "httpMethod">
  & { readonly save?: SavePolicy };

/** @param subject `Todo.add` */
export function readHandlerOptions(
  reading: Reading,
  uses: readonly DecoratorUse[],
  subject: string,
): HandlerSettings {
  let save: SavePolicy | undefined;
  let route: HandlerModel["route"];
  let httpMethod: HttpMethod | undefined;
  const refuse = (reason: string, use: DecoratorUse, fix: string) =>
    reading.problems.add(subject, reason, use.node, fix);
  for (const use of uses) {
    const isHttp = use.name === "http";
    if (use.args.length === 0) continue;
    const options = new OptionReader(reading, use, subject, isHttp ? HTTP_OPTIONS : LOCAL_OPTIONS);
    const own = options.read<SavePolicy>("save", isSavePolicy, "write Save.never, or another of Save");
    if (own !== undefined) {
      if (save !== undefined && JSON.stringify(save) !== JSON.stringify(own)) {
        refuse("it has two save policies", use, 'write "save" once');
      }
      save = own;
    }
    if (!isHttp) continue;
    const method = options.read("method", isHttpMethod, `write one of ${HTTP_METHODS.join(", ")}`);
    const path = options.read("path", isPath, 'write a path that starts with "/", such as "/items/:id"');
    if (method === undefined && path === undefined) continue;
    if (route !== undefined || httpMethod !== undefined) {
      refuse("it has two methods or paths", use, "make two methods of the class");
    }
    if (path === undefined) httpMethod = method;
    else route = { method: method ?? "GET", path };
  }
  const transports = TRANSPORTS.filter((transport) => uses.some((use) => use.name === transport));
  return { transports, save, route, httpMethod };
}

function isHttpMethod(value: unknown): value is HttpMethod {
  return HTTP_METHODS.some((method) => method === value);
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("/");
}
