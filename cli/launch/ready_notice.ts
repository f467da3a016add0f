/** The message of a command when its node accepts requests. */
import type { RunningNode } from "./host_protocol.ts";
import { isFolder, MEMORY, type ServeOptions } from "./serve_options.ts";
import { shownPath, type Terminal } from "../terminal/terminal.ts";

const LOOPBACK = /^(127\.|::1$|localhost$)/;

export function announceReady(
  terminal: Terminal,
  node: RunningNode,
  { data, hostname, hosts }: Pick<ServeOptions, "data" | "hostname" | "hosts">,
): void {
  const { name, url, port, pid, definitions } = node;
  const processes = definitions.map(({ id, name, keyed, paths }) => ({
    id,
    name,
    keyed,
    urls: paths.map((path) => url + path),
  }));
  terminal.object({ event: "ready", name, url, port, pid, processes });
  terminal.line(`\n${terminal.bold(`Node ${name}`)} is ready at ${terminal.bold(url)}\n`);
  const width = Math.max(...processes.map((process) => process.name.length));
  for (const process of processes) {
    terminal.line(`  ${process.name.padEnd(width)}  ${process.id}`);
    for (const url of process.urls) terminal.line(`  ${" ".repeat(width)}  ${terminal.dim(url)}`);
  }
  terminal.line(`\n  ${"All".padEnd(width)}  ${terminal.dim(`${url}/`)}`);
  if (!LOOPBACK.test(hostname)) {
    const names = hosts.length === 0 ? "only; --hosts adds host names" : `and as ${hosts.join(", ")}`;
    terminal.line(`\nClients can reach it by IP address ${names}.`);
  }
  const storage = data === MEMORY
    ? "State is kept in memory only and is lost when the node stops."
    : `State is kept in ${isFolder(data) ? shownPath(data) : data}.`;
  terminal.line(`\n${storage} Ctrl+C stops the node.`);
}
