/** `denizen ps`: lists the processes that a running node has in memory. */
import type { ProcessInfo } from "@denizen/runtime";
import { defineCommand } from "./terminal/command.ts";
import { EXIT } from "./terminal/failure.ts";
import { NodeClient, TARGET_OPTIONS } from "./launch/node_client.ts";
import { alignedColumns } from "./terminal/table.ts";
import type { Terminal } from "./terminal/terminal.ts";

export const ps = defineCommand({
  name: "ps",
  summary: "Lists the processes of a running node.",
  usage: "[options]",
  arguments: [0, 0],
  options: TARGET_OPTIONS,
  notes: [
    "Keyed processes are listed while they are in memory. WAITING is the number of messages in the mailbox, RUNNING the\n" +
    "running handler; MESSAGES and FAILURES are counted since the process was loaded into memory.",
  ],
  examples: ["denizen ps", "denizen ps --data /var/lib/shop --json"],
  async run(values, _args, terminal) {
    const client = await NodeClient.find(values);
    const processes = [...await client.processes()].sort((a, b) => a.id < b.id ? -1 : 1);
    terminal.object({ url: client.url, pid: client.pid, processes });
    if (!terminal.json) printTable(processes, terminal);
    return EXIT.ok;
  },
});

function printTable(processes: readonly ProcessInfo[], terminal: Terminal): void {
  const head = ["PROCESS", "STATUS", "WAITING", "RUNNING", "MESSAGES", "FAILURES"];
  const rows = processes.map(({ id, status, waiting, running, messages, failures }) =>
    [id, status, waiting, running ?? "-", messages, failures].map(String)
  );
  const [title, ...lines] = alignedColumns([head, ...rows], [2, 4, 5]);
  terminal.line(terminal.bold(title!));
  lines.forEach((line, index) => {
    terminal.line(line);
    const trouble = processes[index]!.trouble;
    if (trouble !== undefined) terminal.line(terminal.dim(`  ${trouble}`));
  });
}
