/**
 * Milliseconds from the file of a WebAssembly pack to the first answer of an actor: reading, hashing,
 * compiling, registering, one instance, one tick. `first` is the first pack of the process, `median` of those
 * after it.
 */
import { median } from "../compare.ts";
import { emptyTable, finish, request, rest } from "./measured_pack.ts";

const [kind, template, loads] = [rest[0], rest[1], Number(rest[2])];

async function load(): Promise<number> {
  const started = performance.now();
  const table = emptyTable();
  await table.load(request);
  const actor = await table.actor(template);
  const { output } = await actor.run({ input: 1 });
  const milliseconds = performance.now() - started;
  if (output !== 1) throw new Error(`Cannot use the run as the echo is wrong: ${output}`);
  await table[Symbol.asyncDispose]();
  return milliseconds;
}

const first = await load();
if (kind === "first") finish(first);
const after: number[] = [];
while (after.length < loads) after.push(await load());
finish(median(after));
