/** MiB/s that `hash.blake3` hashes, 1 MiB in each tick. */
import { secondsOf } from "../timed.ts";
import { actorOf, finish, rest } from "./measured_pack.ts";
import { mebibyte } from "./mebibyte.ts";

const count = Number(rest[0]);
/** Of `mebibyte()`; `peers/blake3` compares its own with the same. */
const DIGEST = "579e2d99a750ba0b5ee3870a50bdd4ed98671cf57f92d8fdc8101fcd5783098b";

const blake3 = await actorOf("hash.blake3");
const input = mebibyte();
let hex: unknown;
const seconds = await secondsOf(count, async (count) => {
  for (let done = 0; done < count; done++) ({ hex } = await blake3.run({ input }));
});
if (hex !== DIGEST) throw new Error(`Cannot use the run as the digest is wrong: ${hex}`);
finish(count / seconds);
