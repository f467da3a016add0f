/**
 * Writes numbered values through a commit queue, eight at a time, and prints each number once it is durable.
 * Every tenth comes with a large value. Runs until it is killed.
 */

import { systemClock } from "../../../world/clock.ts";
import { createLog, textSink } from "../../../log.ts";
import { CommitQueue } from "../../../commit/commit_queue.ts";
import type { Effect } from "../../../commit/effect.ts";
import { DataFolder } from "../data_folder.ts";

const [folder, first] = Deno.args;
const data = await DataFolder.open(folder!);
const log = createLog(textSink, () => systemClock.now());
const queue = new CommitQueue(data.storage, { log, onLost: () => Deno.exit(1) });
await data.publish({ pid: Deno.pid, url: "http://127.0.0.1:1", token: "t", name: "writer", started: 0 });

const encoder = new TextEncoder();
let next = Number(first);

function writeNext(): void {
  const number = next++;
  const name = String(number).padStart(8, "0");
  const writes: Effect[] = [{ kind: "state", id: name, key: ["number", name], value: String(number) }];
  if (number % 10 === 0) {
    const value = new Uint8Array(1024 * 1024).fill(number % 251);
    writes.push({ kind: "state", id: "large", key: ["large", "replaced"], value });
    if (number % 50 === 0) writes.push({ kind: "state", id: `large ${name}`, key: ["large", name], value });
  }
  const done = () => {
    Deno.stdout.writeSync(encoder.encode(`${number}\n`));
    writeNext();
  };
  queue.whenDurable(queue.append(writes), done, () => Deno.exit(1));
}

for (let i = 0; i < 8; i++) writeNext();
