/**
 * Idle xstate actors with the same state as our process, a count. The argument is how many; prints the
 * resident bytes of each. A first thousand is made before the measurement, so that compiled code is not
 * counted as theirs.
 */
import { type Actor, assign, createActor, setup } from "xstate";
import { residentBytes } from "../resident.ts";

const machine = setup({
  types: { context: {} as { count: number }, events: {} as { type: "increment"; by: number } },
}).createMachine({
  context: { count: 0 },
  on: { increment: { actions: assign({ count: ({ context, event }) => context.count + event.by }) } },
});

const actors: Actor<typeof machine>[] = [];

function make(count: number): void {
  for (let made = 0; made < count; made++) {
    const actor = createActor(machine).start();
    actor.send({ type: "increment", by: 1 });
    actors.push(actor);
  }
}

const count = Number(Deno.args[0]);
make(1_000);
const before = residentBytes();
make(count);
console.log((residentBytes() - before) / count);
if (actors.length !== count + 1_000) throw new Error("Cannot use the figure as actors are missing");
Deno.exit();
