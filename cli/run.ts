/** `denizen run`: generates what is not up to date, and hosts apps until it is told to stop. */
import { defineCommand } from "./command.ts";
import { EXIT, exitCodeOf, ExplainedError } from "./failure.ts";
import { generateApps, requireGenerated } from "./generation.ts";
import { HostedNode } from "./hosted_node.ts";
import { announceReady, prepareLaunch, readServePlan, SERVE_NOTES, SERVE_OPTIONS } from "./serve_options.ts";
import { exitCodeOfSignal, StopSignals } from "./stop_signals.ts";
import type { Terminal } from "./terminal.ts";

export const run = defineCommand({
  name: "run",
  summary: "Hosts apps on one node.",
  usage: "<app>... [options]",
  arguments: [1, Infinity],
  options: {
    ...SERVE_OPTIONS,
    frozen: { type: "boolean", help: "fail if generated code is stale, instead of generating it" },
  },
  notes: [...SERVE_NOTES],
  examples: [
    "denizen run counter.ts",
    "denizen run shop chat --port 9000 --data /var/lib/shop",
    "denizen run . --json --log json",
  ],
  async run(values, files, terminal) {
    const plan = await readServePlan(values, files);
    if (values.frozen) await requireGenerated(plan.apps);
    else await generateApps(plan.apps);
    using signals = new StopSignals();
    await using launch = await prepareLaunch(plan);
    await using node = new HostedNode(launch.configFile, launch.options, terminal.json);
    const started = await Promise.race([node.start(), signals.first]);
    if (typeof started === "string") return exitCodeOfSignal(started);
    announceReady(terminal, started, plan);
    const outcome = await Promise.race([signals.first, node.ended]);
    if (typeof outcome === "string") return await stopNode(node, signals, terminal);
    if (outcome) throw new ExplainedError(outcome);
    terminal.tell("Stopped.", { event: "stopped" });
    return EXIT.ok;
  },
});

/** Lets a node finish, or ends it if it is asked to again. Resolves to the exit code. */
export async function stopNode(node: HostedNode, signals: StopSignals, terminal: Terminal): Promise<number> {
  terminal.tell("\nStopping: running handlers finish. Once more stops at once.", { event: "draining" });
  const outcome = await Promise.race([node.drain({ keepVolatile: false }), signals.second]);
  if (typeof outcome === "string") {
    await node.kill();
    terminal.tell("Stopped by force.", { event: "killed" });
    return exitCodeOfSignal(outcome);
  }
  if (outcome) {
    terminal.failure(outcome, "failed");
    return exitCodeOf(outcome);
  }
  terminal.tell("Stopped.", { event: "stopped" });
  return EXIT.ok;
}
