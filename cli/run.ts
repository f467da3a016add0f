/** `denizen run`: generates code that is not up to date and hosts apps until it is stopped. */
import { defineCommand } from "./terminal/command.ts";
import { EXIT, ExplainedError } from "./terminal/failure.ts";
import { generateApps, requireGenerated } from "./launch/generation.ts";
import { HostedNode } from "./launch/hosted_node.ts";
import { announceReady } from "./launch/ready_notice.ts";
import { SERVE_OPTIONS, TAKE_OVER } from "./launch/serve_options.ts";
import { prepareLaunch, readServePlan, SERVE_NOTES } from "./launch/serve_plan.ts";
import { stopNode } from "./launch/stop_node.ts";
import { exitCodeOfSignal, StopSignals } from "./terminal/stop_signals.ts";

export const run = defineCommand({
  name: "run",
  summary: "Hosts apps on one node.",
  usage: "<app>... [options]",
  arguments: [1, Infinity],
  options: {
    ...SERVE_OPTIONS,
    ...TAKE_OVER,
    frozen: { type: "boolean", help: "fail if generated code is stale instead of generating it" },
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
    announceReady(terminal, started, plan.options);
    const outcome = await Promise.race([signals.first, node.ended]);
    if (typeof outcome === "string") return await stopNode(node, signals, terminal);
    if (outcome) throw new ExplainedError(outcome);
    terminal.show("Stopped.", { event: "stopped" });
    return EXIT.ok;
  },
});
