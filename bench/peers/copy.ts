/**
 * Microseconds of one pass over 1 MiB: `copy` writes it to existing memory, `slice` to new memory, as a
 * result must; both are V8's `memmove`. `sum` copies it into a frame and calls the native `fixture.sum` on it
 * directly: one copy, and the tick itself. Arguments: which one, how many passes, and for `sum` the library.
 */
import { Buffer } from "node:buffer";
import { mebibyte } from "../packs/mebibyte.ts";
import { secondsOf } from "../timed.ts";

const [kind, passes, path] = [Deno.args[0], Number(Deno.args[1]), Deno.args[2]];
const from = mebibyte();
let to = new Uint8Array(from.length);

/** The index of `fixture.sum` in its pack. */
const SUM = 11;
const ROOM = 4_096;

/** A function that copies and adds up once. */
function byHand(path: string): () => void {
  const { symbols } = Deno.dlopen(path, {
    __reflow_pack_create_actor: { parameters: ["u32"], result: "u32" },
    denizen_actor_tick: { parameters: ["u32", "pointer", "u32", "pointer", "u32"], result: "i32" },
  });
  const json = `{"input":{"input":{"$bytes":[0,${from.length}]}}}`;
  const start = 4 + json.length + 7 & ~7;
  const frame = Buffer.alloc(start + from.length), output = Buffer.alloc(ROOM);
  frame.writeUInt32LE(json.length);
  frame.write(json, 4);
  to = frame.subarray(start);
  const [input, answer] = [Deno.UnsafePointer.of(frame), Deno.UnsafePointer.of(output)];
  const instance = symbols.__reflow_pack_create_actor(SUM);
  return () => {
    to.set(from);
    const length = symbols.denizen_actor_tick(instance, input, frame.length, answer, ROOM);
    if (length <= 0) throw new Error(`Cannot use the run as the tick failed: ${length}`);
  };
}

const ways: Readonly<Record<string, () => () => void>> = {
  copy: () => () => to.set(from),
  slice: () => () => {
    to = from.slice();
  },
  sum: () => byHand(path),
};
const pass = ways[kind]();
const seconds = await secondsOf(passes, (count) => {
  for (let done = 0; done < count; done++) pass();
});
if (to[from.length - 1] !== from[from.length - 1]) {
  throw new Error("Cannot use the run as nothing was copied");
}
console.log(seconds / passes * 1e6);
Deno.exit();
