/** MiB/s that `compress.zstd` takes in at level 3, 1 MiB of prose in each tick. */
import { secondsOf } from "../timed.ts";
import { actorOf, finish, rest } from "./measured_pack.ts";
import { prose } from "./prose.ts";

const count = Number(rest[0]);
const zstd = await actorOf("compress.zstd"), unzstd = await actorOf("compress.unzstd");
const input = new TextEncoder().encode(prose(2 ** 20)).slice(0, 2 ** 20);
let output: unknown;
const seconds = await secondsOf(count, async (count) => {
  for (let done = 0; done < count; done++) ({ output } = await zstd.run({ input }));
});
const back = (await unzstd.run({ input: output })).output as Uint8Array;
if (!input.every((byte, at) => byte === back[at])) {
  throw new Error("Cannot use the run as what came back is not what went in");
}
finish(count / seconds);
