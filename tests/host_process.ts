/** Starts, kills and calls nodes that run as separate programs; see `host_program.ts`. */
import { DenizenError, type ErrorCode, type PackRequest } from "@denizen/runtime";
import { isKvServer } from "@denizen/runtime/storage";
import assert from "node:assert/strict";
import * as path from "node:path";

const PROGRAM = path.join(import.meta.dirname!, "host_program.ts");

export interface HostOptions {
  /** Names of files in `tests/apps/`, or absolute paths. */
  readonly apps: readonly string[];
  /** A folder, or the URL of a Deno KV server. */
  readonly data: string;
  readonly takeOver?: boolean;
  readonly port?: number;
  readonly packs?: readonly PackRequest[];
  /** Whether it may open native libraries. Default: false. */
  readonly ffi?: boolean;
  /** A command that runs the program, such as a shell that sets a limit first. Default: none. */
  readonly through?: readonly string[];
}

export class HostProcess implements AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #log: Promise<string>;
  readonly #client = Deno.createHttpClient({});
  /** It was asked to stop: requests may fail from now on. */
  ending = false;

  private constructor(url: string, child: Deno.ChildProcess, log: Promise<string>) {
    this.url = url;
    this.pid = child.pid;
    this.#child = child;
    this.#log = log;
  }

  /**
   * Resolves when the node takes requests.
   *
   * @throws {DenizenError} the reason that the node gives for not starting.
   */
  static async start(options: HostOptions): Promise<HostProcess> {
    const child = spawnHost(options);
    const log = new Response(child.stderr).text();
    const line = await firstLine(child.stdout);
    const told = line === "" ? undefined : JSON.parse(line) as { url: string } & { error: DenizenError };
    if (told?.url) return new HostProcess(told.url, child, log);
    await child.status;
    const text = await log;
    if (!told) throw new Error(`the host ended without a word: ${text}`);
    throw new DenizenError(told.error.code, told.error.message);
  }

  fetch(target: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + target, { ...init, client: this.#client });
  }

  /** Calls a handler by its tag. */
  async post(id: string, body: unknown): Promise<Response> {
    return await this.fetch(`/${id}/api`, { method: "POST", body: JSON.stringify(body) });
  }

  /** Returns the value of a call that must succeed. */
  async call(id: string, body: unknown): Promise<unknown> {
    const reply = await this.post(id, body);
    const text = await reply.text();
    assert.equal(reply.status, 200, `${JSON.stringify(body)}: ${text}`);
    return JSON.parse(text);
  }

  /** Kills it, and resolves with its log when it has exited. */
  async kill(): Promise<string> {
    this.ending = true;
    this.signal("SIGKILL");
    return await this.#end();
  }

  /** Lets it drain, and resolves with its log when it has exited. */
  async drain(): Promise<string> {
    this.ending = true;
    this.signal("SIGTERM");
    const log = await this.#end();
    assert.equal((await this.#child.status).code, 0, log);
    return log;
  }

  signal(signal: Deno.Signal): void {
    this.ending ||= signal === "SIGTERM" || signal === "SIGKILL";
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has already exited.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async #end(): Promise<string> {
    await this.#child.status;
    this.#client.close();
    return await this.#log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.ending) await this.kill();
  }
}

/** Starts the program, with its output piped; it may fail before it serves. */
export function spawnHost(options: HostOptions): Deno.ChildProcess {
  const { apps, data, takeOver, port, packs, ffi, through = [] } = options;
  const files = apps.map((app) =>
    path.isAbsolute(app) ? app : path.join(import.meta.dirname!, "apps", `${app}.ts`)
  );
  const order = JSON.stringify({ apps: files, data, takeOver, port, packs });
  const permissions = [
    "--allow-read",
    isKvServer(data) ? "--allow-env=DENO_KV_ACCESS_TOKEN" : `--allow-write=${data}`,
    "--allow-net=127.0.0.1",
    ...ffi ? ["--allow-ffi"] : [],
  ];
  const command = [
    ...through,
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    ...permissions,
    PROGRAM,
    order,
  ];
  return new Deno.Command(command[0]!, {
    args: command.slice(1),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0]!;
}

/** The code of the error that `start` fails with. */
export async function startError(options: HostOptions): Promise<{ code: ErrorCode; message: string }> {
  try {
    await using host = await HostProcess.start(options);
    return assert.fail(`a node started at ${host.url}`);
  } catch (error) {
    if (error instanceof DenizenError) return error;
    throw error;
  }
}
