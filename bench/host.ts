/**
 * Runs our side in a fresh process: one node that hosts `processes/`. Its argument is the data folder. It
 * prints its URL, answers the line `resident` with its resident bytes, and drains on SIGTERM.
 */
import { startNode } from "@denizen/runtime";
import { residentBytes } from "./resident.ts";

const [data] = Deno.args;
const node = await startNode({ apps: [new URL("./processes/", import.meta.url)], data, port: 0 });
console.log(node.url);

Deno.addSignalListener("SIGTERM", async () => {
  await node.drain();
  Deno.exit();
});

const questions = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
for await (const question of questions) {
  if (question.trim() === "resident") console.log(residentBytes());
}
