/**
 * One fresh child process to measure. Owns its pipes and its shutdown: every wait has a deadline, and a
 * child that ignores SIGTERM is killed. Does not own the meaning of the child's output.
 */

/** How long to wait for a line of a child's output. */
const LINE_DEADLINE_MS = 180_000;
/** How long a child may take to exit after SIGTERM. */
const STOP_DEADLINE_MS = 20_000;
/** How much of its latest error output is kept for the text of a failure. */
const ERROR_TAIL_CHARS = 2_000;

export class Child {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #errors: Promise<void>;
  #errorTail = "";

  /** Starts `command`; throws {@link Unavailable} when there is no such program. */
  constructor(readonly name: string, command: string, args: readonly string[]) {
    try {
      this.#process = new Deno.Command(command, {
        args: [...args],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw new Unavailable(`${command} is not installed`);
      throw error;
    }
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(splitLines())
      .getReader();
    this.#input = this.#process.stdin.getWriter();
    this.#errors = this.#keepErrors();
  }

  /** Reads the next line of its output. Fails with its latest error output if it exits or stays silent. */
  async line(): Promise<string> {
    const deadline = Promise.withResolvers<never>();
    const timer = setTimeout(
      () =>
        deadline.reject(new Error(`Cannot measure ${this.name} as it is silent for ${LINE_DEADLINE_MS} ms`)),
      LINE_DEADLINE_MS,
    );
    try {
      const { done, value } = await Promise.race([this.#lines.read(), deadline.promise]);
      if (!done) return value;
      await this.#errors;
      throw new Error(`Cannot measure ${this.name} as it ended early:\n${this.#errorTail}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes one line to its input and waits for one line of output. */
  async ask(question: string): Promise<string> {
    await this.#input.write(new TextEncoder().encode(`${question}\n`));
    return await this.line();
  }

  /** Sends SIGTERM, then SIGKILL if needed, and resolves when it has exited. */
  async stop(): Promise<void> {
    const insist = setTimeout(() => this.#signal("SIGKILL"), STOP_DEADLINE_MS);
    this.#signal("SIGTERM");
    await this.#input.close().catch(() => {});
    await this.#lines.cancel();
    await this.#process.status;
    clearTimeout(insist);
    await this.#errors;
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch (error) {
      // It has already exited.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #keepErrors(): Promise<void> {
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.#errorTail = (this.#errorTail + text).slice(-ERROR_TAIL_CHARS);
    }
  }
}

/** This machine lacks something optional. The figures that need it are skipped and the reason is printed. */
export class Unavailable extends Error {
  override name = "Unavailable";
}

/** Runs `command` to its end and returns its output; {@link Unavailable} when there is no such program. */
export async function output(name: string, command: string, args: readonly string[]): Promise<string> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
    const decoder = new TextDecoder();
    if (success) return decoder.decode(stdout).trim();
    throw new Error(`Cannot run ${name} as it failed:\n${decoder.decode(stderr).slice(-ERROR_TAIL_CHARS)}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Unavailable(`${command} is not installed`);
    throw error;
  }
}

function splitLines(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) controller.enqueue(line);
    },
    flush(controller) {
      if (rest !== "") controller.enqueue(rest);
    },
  });
}
