/**
 * `denizen dev`: like `run`, but reloads apps when their sources change, and keeps their state.
 *
 * A reload generates code, loads the apps in a new process, drains the old one and starts the new one. If a
 * step before the drain fails, the old node goes on; if a later one fails, no node runs until the next
 * change.
 */
import { defineCommand } from "./terminal/command.ts";
import { EXIT, explain, type Explanation } from "./terminal/failure.ts";
import { generateApps } from "./launch/generation.ts";
import { HostedNode } from "./launch/hosted_node.ts";
import { announceReady } from "./launch/ready_notice.ts";
import { SERVE_OPTIONS, TAKE_OVER } from "./launch/serve_options.ts";
import {
  type Launch,
  prepareLaunch,
  readServePlan,
  SERVE_NOTES,
  type ServePlan,
} from "./launch/serve_plan.ts";
import { SourceWatcher } from "./launch/source_watcher.ts";
import { stopNode } from "./launch/stop_node.ts";
import { exitCodeOfSignal, StopSignals } from "./terminal/stop_signals.ts";
import { shownPath, type Terminal } from "./terminal/terminal.ts";

export const dev = defineCommand({
  name: "dev",
  summary: "Hosts apps on one node and reloads them when their sources change. State is kept.",
  usage: "<app>... [options]",
  arguments: [1, Infinity],
  options: { ...SERVE_OPTIONS, ...TAKE_OVER },
  notes: [
    ...SERVE_NOTES,
    "A reload keeps the state of every process, also with Save.never. If the new code cannot be generated or loaded, the\n" +
    "error is shown and the node keeps running the old code.",
  ],
  examples: ["denizen dev counter.ts", "denizen dev . --port 9000"],
  async run(values, files, terminal) {
    const plan = await readServePlan(values, files);
    using watcher = new SourceWatcher(plan.apps.map(({ root }) => root), plan.options.data);
    using signals = new StopSignals();
    await using session = new Session(terminal);
    let reload = session.replace(() => Promise.resolve(plan), []);
    for (;;) {
      if (typeof await Promise.race([reload, signals.first]) === "string") break;
      const event = await Promise.race([signals.first, watcher.next, session.ended]);
      if (typeof event === "string") break;
      if (event === undefined) continue;
      watcher.take();
      const port = session.port ?? plan.options.port;
      const reread = () => readServePlan({ ...values, port: String(port) }, files);
      reload = session.replace(reread, event.map(shownPath));
    }
    session.close();
    const outcome = await Promise.race([reload, signals.second]);
    if (typeof outcome === "string") return exitCodeOfSignal(outcome);
    return session.node ? await stopNode(session.node, signals, terminal) : EXIT.ok;
  },
});

/**
 * Failures that an edit can fix: after one of these at the first start, `dev` waits for a change instead of
 * ending.
 */
const FIXED_BY_AN_EDIT = new Set<Explanation["code"]>([
  "generate",
  "declaration",
  "app_unreadable",
  "stale_contract",
  "duplicate_process",
  "bad_option",
]);

/** The running node, if there is one, and its replacement by the next. */
class Session implements AsyncDisposable {
  node: HostedNode | undefined;
  /** The port of the last node: its successor listens on the same one. */
  port: number | undefined;
  #launch: Launch | undefined;
  #next: HostedNode | undefined;
  #closing = false;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Resolves when the node has ended by itself; the failure has been printed by then. */
  get ended(): Promise<undefined> {
    const { node } = this;
    if (!node) return new Promise(() => {});
    return node.ended.then((explanation) => {
      if (this.node !== node || this.#closing) return;
      this.node = undefined;
      if (explanation) this.#terminal.failure(explanation, "failed");
      this.#tellWaiting();
      return undefined;
    });
  }

  /** @param changed the changed files, for the message; none at the first start. */
  async replace(readPlan: () => Promise<ServePlan>, changed: readonly string[]): Promise<void> {
    const begun = performance.now();
    let launch: Launch | undefined;
    try {
      const plan = await readPlan();
      await generateApps(plan.apps);
      if (this.#closing) return;
      launch = await prepareLaunch(plan);
      const next = this.#next = new HostedNode(launch.configFile, launch.options, this.#terminal.json);
      await next.loaded;
      const draining = performance.now();
      await this.#drainCurrent();
      const running = await next.start();
      this.#next = undefined;
      this.node = next;
      const first = this.port === undefined;
      this.port = running.port;
      await this.#launch?.[Symbol.asyncDispose]();
      this.#launch = launch;
      if (first) return announceReady(this.#terminal, running, plan.options);
      const [ms, awayMs] = [begun, draining].map((since) => Math.round(performance.now() - since));
      this.#terminal.show(
        `Reloaded ${changed.join(", ")} in ${ms} ms (unavailable for ${awayMs} ms)`,
        { event: "reloaded", changed, ms, awayMs, url: running.url, pid: running.pid },
      );
    } catch (thrown) {
      await this.#next?.kill();
      this.#next = undefined;
      await launch?.[Symbol.asyncDispose]();
      if (this.#closing) return;
      const explanation = explain(thrown);
      if (this.port === undefined && !FIXED_BY_AN_EDIT.has(explanation.code)) throw thrown;
      this.#terminal.failure(explanation, "reload_failed");
      this.#tellWaiting();
    }
  }

  /** Stops reloading, and cancels a reload in progress. */
  close(): void {
    this.#closing = true;
    this.#next?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#next?.kill();
    await this.node?.kill();
    await this.#launch?.[Symbol.asyncDispose]();
  }

  async #drainCurrent(): Promise<void> {
    const { node } = this;
    this.node = undefined;
    const outcome = await node?.drain({ keepVolatile: true });
    if (outcome) this.#terminal.failure(outcome, "failed");
  }

  #tellWaiting(): void {
    this.#terminal.line(
      this.node
        ? "The node keeps running the old code. Waiting for the next change."
        : "No node is running. Waiting for the next change.",
    );
  }
}
