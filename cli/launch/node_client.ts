/** A client of the HTTP API of a running node, used by `denizen call`, `ps` and `pack list`. */
import * as path from "node:path";
import type { DefinitionInfo, ErrorCode, PackInfo, ProcessInfo } from "@denizen/runtime";
import { readNodeFile } from "@denizen/runtime/storage";
import type { OptionValues } from "../terminal/command.ts";
import { ExplainedError, UsageError } from "../terminal/failure.ts";
import { isFolder } from "./serve_options.ts";

export const TARGET_OPTIONS = {
  data: {
    type: "string",
    value: "<folder>",
    help: "the data folder of the node to talk to (default ./.denizen)",
  },
  url: {
    type: "string",
    value: "<url>",
    help: "the URL of the node, instead of the one in its data folder",
  },
  token: {
    type: "string",
    value: "<token>",
    help: 'with --url: the token from "node.json" in the data folder of the node',
  },
} as const;

/** How much longer than the timeout of a call to wait for its response. */
const GRACE_MS = 5_000;

/** The response to `POST /-/call/…`. */
type CallAnswer =
  | { readonly status: "Success"; readonly value: unknown }
  | { readonly status: string; readonly error: { readonly code: ErrorCode; readonly message: string } };

export class NodeClient {
  private constructor(readonly url: string, readonly pid: number | undefined, readonly token: string) {}

  /** @throws {ExplainedError} if no node runs on the data folder. */
  static async find(values: OptionValues<typeof TARGET_OPTIONS>): Promise<NodeClient> {
    if (values.url !== undefined) {
      if (values.token === undefined) {
        throw new UsageError(
          "Cannot use --url as --token is missing",
          'the token is in "node.json" in the data folder of the node; on the same machine use --data instead',
        );
      }
      if (!URL.canParse(values.url)) {
        throw new UsageError(`Cannot use --url as it is not a URL: ${values.url}`);
      }
      return new NodeClient(values.url.replace(/\/+$/, ""), undefined, values.token);
    }
    const folder = values.data ?? ".denizen";
    if (!isFolder(folder)) {
      throw new UsageError(
        `Cannot find a node by --data ${folder} as only nodes with a data folder publish their address`,
      );
    }
    const file = await readNodeFile(path.resolve(folder));
    if (!file?.alive) throw noNode(`no node runs on the data folder ${folder}`);
    return new NodeClient(file.info.url, file.info.pid, file.info.token);
  }

  async definitions(): Promise<readonly DefinitionInfo[]> {
    const { definitions } = await this.#request<{ definitions: DefinitionInfo[] }>("/-/definitions");
    return definitions;
  }

  async processes(): Promise<readonly ProcessInfo[]> {
    const { processes } = await this.#request<{ processes: ProcessInfo[] }>("/-/processes");
    return processes;
  }

  async packs(): Promise<readonly PackInfo[]> {
    const { packs } = await this.#request<{ packs: PackInfo[] }>("/-/packs");
    return packs;
  }

  /** @param body JSON, sent unchanged. */
  call(address: string, body: string, timeoutMs: number): Promise<CallAnswer> {
    return this.#request(`/-/call/${encodeURIComponent(address)}`, {
      method: "POST",
      headers: { "content-type": "application/json", "denizen-timeout-ms": String(timeoutMs) },
      body,
    }, timeoutMs);
  }

  async #request<T>(path: string, init: RequestInit = {}, timeoutMs = 0): Promise<T> {
    const headers = { ...init.headers, authorization: `Bearer ${this.token}` };
    const signal = AbortSignal.timeout(timeoutMs + GRACE_MS);
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.url + path, { ...init, headers, signal });
      text = await response.text();
    } catch (cause) {
      throw noNode(`it does not answer at ${this.url}: ${cause instanceof Error ? cause.message : cause}`);
    }
    let answer: T & { error?: { code: ErrorCode; message: string } };
    try {
      answer = JSON.parse(text);
    } catch {
      throw noNode(`the server at ${this.url} is not a node: it answers ${response.status} without JSON`);
    }
    if (response.ok) return answer;
    const { code, message } = answer.error ?? { code: "offline", message: `it answers ${response.status}` };
    throw new ExplainedError({ code, message });
  }
}

function noNode(reason: string): ExplainedError {
  return new ExplainedError({
    code: "offline",
    message: `Cannot reach a node as ${reason}`,
    hint: "start one with denizen run, or name its data folder with --data",
  });
}
