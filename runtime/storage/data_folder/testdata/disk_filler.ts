/**
 * Writes values through a commit queue until the disk is full, prints what happened, waits for a line on its
 * input, and writes one more.
 */

import { DenizenError } from "../../../errors.ts";
import { createLog, silentSink } from "../../../log.ts";
import { CommitQueue } from "../../../commit/commit_queue.ts";
import { DataFolder } from "../data_folder.ts";

const [folder, bytes] = Deno.args;
await using data = await DataFolder.open(folder!);
const queue = new CommitQueue(data.storage, { log: createLog(silentSink, () => 0), onLost() {} });
const attempt = async (name: string, value: Uint8Array) => {
  try {
    await queue.reached(queue.append([{ kind: "state", id: name, key: ["k", name], value }]));
    return "durable";
  } catch (thrown) {
    return thrown instanceof DenizenError ? thrown.code : String(thrown);
  }
};

let written = 0;
let outcome = "durable";
while (outcome === "durable") {
  outcome = await attempt(String(written), new Uint8Array(Number(bytes)).fill(written % 251));
  if (outcome === "durable") written++;
}
let readable = 0;
for await (const { value } of data.storage.list({ prefix: ["k"] })) {
  if (value.length === Number(bytes)) readable++;
}
console.log(JSON.stringify({ written, outcome, readable }));
await Deno.stdin.read(new Uint8Array(1));
console.log(await attempt("after", new Uint8Array(Number(bytes))));
