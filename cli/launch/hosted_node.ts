/** The node's process, seen from the command that started it. */
import { ExplainedError, type Explanation } from "../terminal/failure.ts";
import { type HostOptions, type Order, type Report, type RunningNode, takeReports } from "./host_protocol.ts";
import { HOST_MODULE } from "./installation.ts";
import { spawnDeno } from "./own_deno.ts";

/** A node gives up on its handlers after 10 s; one that has not ended by then does not hear any more. */
const DRAIN_PATIENCE_MS = 15_000;

export class HostedNode implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<RunningNode>();
  readonly #output: Promise<void>;
  /** Resolves, with what is to be said about it, when the process has ended and all of its output is written. */
  readonly ended: Promise<Explanation | undefined>;

  /**
   * @param configFile what `LaunchFile` wrote.
   * @param outputToErrors sends what the apps print to standard error, because standard output is for programs.
   */
  constructor(configFile: string, options: HostOptions, outputToErrors: boolean) {
    this.#child = spawnDeno("the node's", {
      args: [
        ...["run", "--quiet", "--no-prompt", "--config", configFile, "--permission-set=node"],
        ...[HOST_MODULE, JSON.stringify(options)],
      ],
      env: Deno.stdout.isTerminal() && !Deno.noColor ? { FORCE_COLOR: "1" } : {},
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
    this.#orders = this.#child.stdin.getWriter();
    for (const { promise } of [this.#loaded, this.#ready]) promise.catch(() => {});
    let failure: Explanation | undefined;
    const onReport = (report: Report) => {
      if (report.kind === "loaded") this.#loaded.resolve();
      else if (report.kind === "ready") this.#ready.resolve(report.node);
      else failure = report.explanation;
    };
    const output = this.#child.stdout.pipeThrough(takeReports(onReport));
    this.#output = passOn(output, outputToErrors ? Deno.stderr : Deno.stdout);
    this.ended = Promise.all([this.#child.status, this.#output]).then(([status]) => {
      const explanation = failure ?? (status.success ? undefined : endedBy(status));
      const error = new ExplainedError(explanation ?? endedBy(status));
      this.#loaded.reject(error);
      this.#ready.reject(error);
      this.#orders.close().catch(() => {});
      return explanation;
    });
  }

  /**
   * Resolves when the modules of the apps are loaded.
   *
   * @throws {ExplainedError} if they cannot be.
   */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  /**
   * Opens storage and port. Resolves when the node takes requests.
   *
   * @throws {ExplainedError} if it cannot.
   */
  start(): Promise<RunningNode> {
    this.#order({ kind: "start" });
    return this.#ready.promise;
  }

  /** Stops it in order. Resolves to what is to be said about its end, which is nothing if all went well. */
  async drain({ keepVolatile }: { keepVolatile: boolean }): Promise<Explanation | undefined> {
    this.#order({ kind: "drain", keepVolatile });
    const patience = Promise.withResolvers<"over">();
    const timer = setTimeout(() => patience.resolve("over"), DRAIN_PATIENCE_MS);
    const outcome = await Promise.race([this.ended, patience.promise]);
    clearTimeout(timer);
    if (outcome !== "over") return outcome;
    await this.kill();
    return {
      code: "node_ended",
      message: `Cannot drain the node as it did not stop in time: killed after ${DRAIN_PATIENCE_MS / 1000} s`,
      hint: "a handler may be in an endless loop; everything acknowledged is saved",
    };
  }

  #order(order: Order): void {
    this.#orders.write(new TextEncoder().encode(JSON.stringify(order) + "\n")).catch(() => {});
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** Writes all of `output`; reads on when nobody takes it any more, so that the node never waits for that. */
async function passOn(output: ReadableStream<Uint8Array>, target: typeof Deno.stdout): Promise<void> {
  let taken = true;
  for await (const chunk of output) {
    try {
      for (let written = 0; taken && written < chunk.length;) {
        written += await target.write(chunk.subarray(written));
      }
    } catch {
      taken = false;
    }
  }
}

function endedBy({ code, signal }: Deno.CommandStatus): Explanation {
  return {
    code: "node_ended",
    message: `Cannot go on as the node's process ended: ${
      signal ? `by ${signal}` : `with exit code ${code}`
    }`,
    hint: signal === "SIGKILL" ? "someone killed it, or the machine ran out of memory" : undefined,
  };
}
