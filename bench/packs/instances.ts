/**
 * Bytes of one actor of `fixture.counter` (a state of 8 bytes) that has ticked once, the mean over many: of
 * the whole process, or of JavaScript's heap. A first thousand is made before the measurement, so that
 * compiled code is not counted.
 */
import type { PackActor } from "@denizen/runtime";
import { residentBytes } from "../resident.ts";
import { emptyTable, finish, request, rest } from "./measured_pack.ts";

const [kind, count] = [rest[0], Number(rest[1])];
const FIRST = 1_000;

function bytes(): number {
  const resident = residentBytes();
  return kind === "heap" ? Deno.memoryUsage().heapUsed : resident;
}

const table = emptyTable();
await table.load(request);
const actors: PackActor[] = [];
async function make(count: number): Promise<void> {
  for (let made = 0; made < count; made++) {
    const actor = await table.actor("fixture.counter");
    await actor.run({ step: 1 });
    actors.push(actor);
  }
}

await make(FIRST);
const before = bytes();
await make(count);
const after = bytes();
if (actors.length !== FIRST + count) throw new Error("Cannot use the figure as actors are missing");
finish((after - before) / count);
