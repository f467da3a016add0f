/** Microseconds of one tick of a fixture template with 1 MiB of bytes as input. */
import { secondsOf } from "../timed.ts";
import { mebibyte } from "./mebibyte.ts";
import { actorOf, finish, rest } from "./measured_pack.ts";

const [template, ticks] = [rest[0], Number(rest[1])];
const actor = await actorOf(template);
const input = mebibyte();
const right: Record<string, (output: Record<string, unknown>) => boolean> = {
  "fixture.length": ({ length }) => length === input.length,
  "fixture.sum": ({ sum }) => sum === input.reduce((sum, byte) => sum + byte, 0),
  "fixture.echo": ({ output }) =>
    output instanceof Uint8Array && output.every((byte, at) => byte === input[at]),
};
let output: Record<string, unknown> = {};
const seconds = await secondsOf(ticks, async (count) => {
  for (let tick = 0; tick < count; tick++) output = await actor.run({ input });
});
if (!right[template](output)) throw new Error(`Cannot use the run as ${template} answered wrongly`);
finish(seconds / ticks * 1e6);
