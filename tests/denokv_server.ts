/**
 * Real Deno KV servers for tests: `denokv` from the PATH, or from the folder where `.ci/run` builds it.
 * Without one the tests are skipped, but fail in CI.
 */
import assert from "node:assert/strict";
import * as path from "node:path";

const TOKEN = "denizen-tests-only";

const found = find();
export const MISSING_DENOKV = found === undefined && !Deno.env.get("CI")
  ? "denokv is not there: cargo install denokv --version 0.14.0 --locked"
  : undefined;

/** A server with a database of its own, which it keeps over a {@link restart}. */
export class DenokvServer implements AsyncDisposable {
  readonly #folder: string;
  readonly port: number;
  #child: Deno.ChildProcess;

  private constructor(folder: string, port: number, child: Deno.ChildProcess) {
    this.#folder = folder;
    this.port = port;
    this.#child = child;
  }

  static async start(): Promise<DenokvServer> {
    // Deno reads the token when it opens a KV by its URL.
    Deno.env.set("DENO_KV_ACCESS_TOKEN", TOKEN);
    const folder = await Deno.makeTempDir({ prefix: "denokv_" });
    const { child, port } = await spawn(folder, 0);
    return new DenokvServer(folder, port, child);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Stops or continues the server as it is, so that it does not answer. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  /** Kills the server, and starts it again on its database and port. */
  async restart(): Promise<void> {
    await this.#kill();
    this.#child = (await spawn(this.#folder, this.port)).child;
  }

  async #kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function spawn(folder: string, port: number): Promise<{ child: Deno.ChildProcess; port: number }> {
  assert.ok(found !== undefined, "denokv is not there");
  const child = new Deno.Command(found, {
    args: [
      ...["--sqlite-path", path.join(folder, "data.sqlite"), "serve"],
      ...["--addr", `127.0.0.1:${port}`, "--access-token", TOKEN],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    assert.ok(!done, `denokv ended: ${log}`);
    log += value;
    const listening = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(log);
    if (!listening) continue;
    // What it prints from here on is dropped, so that it never waits for a reader.
    (async () => {
      while (!(await reader.read()).done);
    })();
    return { child, port: Number(listening[1]) };
  }
}

function find(): string | undefined {
  const home = Deno.env.get("HOME");
  const folders = [
    ...Deno.env.get("PATH")?.split(path.delimiter) ?? [],
    ...home ? [path.join(home, ".cache", "denizen-tools", "bin")] : [],
  ];
  return folders.map((folder) => path.join(folder, "denokv")).find((file) => {
    try {
      return Deno.statSync(file).isFile;
    } catch {
      return false;
    }
  });
}
