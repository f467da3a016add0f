/**
 * Microseconds of one pass over 1 MiB: `copy` writes it to memory that is there, `slice` to new memory, as an answer must.
 * Both are V8's `memmove`.
 */
import { mebibyte } from "../packs/mebibyte.ts";
import { secondsOf } from "../timed.ts";

const [kind, passes] = [Deno.args[0], Number(Deno.args[1])];
const from = mebibyte();
let to = new Uint8Array(from.length);
const seconds = await secondsOf(passes, (count) => {
  if (kind === "slice") { for (let pass = 0; pass < count; pass++) to = from.slice(); }
  else for (let pass = 0; pass < count; pass++) to.set(from);
});
if (to[from.length - 1] !== from[from.length - 1]) {
  throw new Error("Cannot use the run as nothing was copied");
}
console.log(seconds / passes * 1e6);
Deno.exit();
