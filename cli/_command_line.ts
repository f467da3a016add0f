/** Runs the real command in tests: to its end, or until its output has what a test waits for. */
import assert from "node:assert/strict";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
/** How long to wait for output. */
const PATIENCE_MS = 60_000;

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly cwd?: string;
  /** Written to standard input, which is closed afterwards. */
  readonly stdin?: string;
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another program than the command; its environment is only `env`. */
  readonly program?: string;
}

/** The command with the permissions that the tasks of `deno.json` give it. */
function command(
  args: readonly string[],
  { cwd, env, program }: Surroundings,
  options: Omit<Deno.CommandOptions, "args">,
): Deno.Command {
  const own = ["run", "--quiet", "--permission-set=denizen", MAIN];
  return new Deno.Command(program ?? Deno.execPath(), {
    ...options,
    cwd,
    args: program === undefined ? [...own, ...args] : [...args],
    env: { NO_COLOR: "1", ...env },
    clearEnv: program !== undefined,
  });
}

/** Runs `denizen ...args` to its end. */
export async function denizen(args: readonly string[], surroundings: Surroundings = {}): Promise<Finished> {
  const { stdin } = surroundings;
  const child = command(args, surroundings, {
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

export interface Ready {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly processes: readonly { readonly id: string; readonly urls: readonly string[] }[];
}

/** A running `denizen run` or `denizen dev`, with `--json`. */
export class Serving implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  #errors = "";
  #wake = Promise.withResolvers<void>();
  /** Resolves to the exit code. */
  readonly ended: Promise<number>;

  /** Starts it on a free port. */
  constructor(args: readonly string[], surroundings: Surroundings = {}) {
    this.#child = command([...args, "--port", "0", "--json"], surroundings, {
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reading = Promise.all([this.#readOutput(), this.#readErrors()]);
    this.ended = Promise.all([this.#child.status, reading]).then(([{ code }]) => code);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Its standard error output so far. */
  get errors(): string {
    return this.#errors;
  }

  /** The next line with this `event`; lines before it are skipped. */
  async event<T>(event: string): Promise<T> {
    const said = await this.#until(() => {
      const at = this.#lines.findIndex((line) => JSON.parse(line).event === event);
      return at === -1 ? undefined : this.#lines.splice(0, at + 1).at(-1);
    }, `the event "${event}"`);
    return JSON.parse(said) as T;
  }

  ready(): Promise<Ready> {
    return this.event<Ready>("ready");
  }

  /** Waits until standard error matches `pattern`. */
  async error(pattern: RegExp): Promise<string> {
    return await this.#until(() => pattern.exec(this.#errors)?.[0], String(pattern));
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has exited.
    }
    await this.ended;
  }

  async #until(look: () => string | undefined, what: string): Promise<string> {
    const patience = Promise.withResolvers<"over">();
    const timer = setTimeout(() => patience.resolve("over"), PATIENCE_MS);
    try {
      for (;;) {
        const found = look();
        if (found !== undefined) return found;
        const next = await Promise.race([this.#wake.promise, this.ended, patience.promise]);
        if (next === undefined || look() !== undefined) continue;
        const state = next === "over" ? "did not print" : `ended with ${next} before it printed`;
        assert.fail(`denizen ${state} ${what}:\n${this.#lines.join("\n")}\n${this.#errors}`);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #readOutput(): Promise<void> {
    let text = "";
    for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split("\n");
      text = lines.pop()!;
      this.#lines.push(...lines);
      this.#heard();
    }
  }

  async #readErrors(): Promise<void> {
    for await (const chunk of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#errors += chunk;
      this.#heard();
    }
  }

  #heard(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

/** A temporary folder with `files`, which is removed at the end. */
export class Folder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async with(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
    const folder = new Folder(await Deno.realPath(await Deno.makeTempDir({ prefix: "denizen-test-" })));
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    return folder;
  }

  file(name: string): string {
    return path.join(this.path, name);
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.mkdir(path.dirname(this.file(name)), { recursive: true });
    await Deno.writeTextFile(this.file(name), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Calls a process over HTTP by tag. */
export async function post(url: string, body: unknown): Promise<unknown> {
  const reply = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return await reply.json();
}

export const DENO_JSON = '{ "denizen": { "package": "demo", "publisher": "me.os" } }\n';

/** A process called `Name`, with the members `body`. */
export function processModule(name: string, body: string, options = ""): string {
  return `import { Http, http, local, process, Save, type u32 } from "@denizen/macro";
export const used = [Http, http, local, Save];
@process({ name: "${name}", endpoints: [Http("/api")]${options} })
export class ${name} {
  count: u32 = 0;
  ${body}
}
`;
}

export const INCREMENT = "@http @local increment(by: u32): u32 { return this.count += by; }";
