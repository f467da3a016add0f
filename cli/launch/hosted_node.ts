/** The node's process, as the command that started it sees it. */
import { ExplainedError, type Explanation } from "../terminal/failure.ts";
import { takeReports } from "./child_report.ts";
import {
  type HostOptions,
  isNodeReport,
  type NodeReport,
  type Order,
  type RunningNode,
} from "./host_protocol.ts";
import { HOST_MODULE } from "./installation.ts";
import { spawnDeno } from "./own_deno.ts";

/** A node waits up to 10 s for its handlers; one that still runs after this is unresponsive and is killed. */
const DRAIN_PATIENCE_MS = 15_000;

export class HostedNode implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<RunningNode>();
  readonly #output: Promise<void>;
  /** Resolves when the process has ended and all of its output is written: to the failure, if it was one. */
  readonly ended: Promise<Explanation | undefined>;

  /**
   * @param configFile the file that `LaunchFile` wrote.
   * @param outputToErrors sends what the apps print to standard error, as standard output is for programs.
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
    const onReport = (report: NodeReport) => {
      if (report.kind === "loaded") this.#loaded.resolve();
      else if (report.kind === "ready") this.#ready.resolve(report.node);
      else failure = report.explanation;
    };
    const output = this.#child.stdout.pipeThrough(takeReports(isNodeReport, onReport));
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
   * Opens storage and port. Resolves when the node accepts requests.
   *
   * @throws {ExplainedError} if it cannot.
   */
  start(): Promise<RunningNode> {
    this.#order({ kind: "start" });
    return this.#ready.promise;
  }

  /** Drains the node and ends its process. Resolves to the failure, if there was one. */
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
      message: `Cannot drain the node as it did not stop within ${DRAIN_PATIENCE_MS / 1000} s: killed`,
      hint: "a handler may be in an endless loop; everything that was acknowledged is saved",
    };
  }

  #order(order: Order): void {
    this.#orders.write(new TextEncoder().encode(JSON.stringify(order) + "\n")).catch(() => {});
  }

  /** Kills the process. */
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

/**
 * Copies `output` to `target`. If `target` is closed, it goes on reading, so that the node never blocks on
 * its output.
 */
async function passOn(output: ReadableStream<Uint8Array>, target: typeof Deno.stdout): Promise<void> {
  let open = true;
  for await (const chunk of output) {
    try {
      for (let written = 0; open && written < chunk.length;) {
        written += await target.write(chunk.subarray(written));
      }
    } catch {
      open = false;
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
