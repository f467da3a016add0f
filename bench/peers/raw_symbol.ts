/**
 * The symbol of a native pack that runs one tick, called directly: the JSON is built, written, read and
 * parsed here, in memory that is allocated once. Nothing is checked, counted, queued or refused. Arguments:
 * the library, the payload, and how many calls; prints calls per second.
 */
import { Buffer } from "node:buffer";
import { checkEcho, payload } from "../packs/payload.ts";
import { secondsOf } from "../timed.ts";

/** The index of `fixture.echo` in its pack. */
const ECHO = 0;
const ROOM = 4_096;

const [path, name, calls] = [Deno.args[0], Deno.args[1], Number(Deno.args[2])];
const asked = payload(name);
const { symbols } = Deno.dlopen(path, {
  __reflow_pack_create_actor: { parameters: ["u32"], result: "u32" },
  denizen_actor_tick: { parameters: ["u32", "pointer", "u32", "pointer", "u32"], result: "i32" },
});
const encoder = new TextEncoder();
const [input, output] = [Buffer.alloc(ROOM), Buffer.alloc(ROOM)];
const [to, from] = [Deno.UnsafePointer.of(input), Deno.UnsafePointer.of(output)];
const text = input.subarray(4);
const instance = symbols.__reflow_pack_create_actor(ECHO);

function call(value: unknown): unknown {
  const { written } = encoder.encodeInto(JSON.stringify({ input: { input: value } }), text);
  input.writeUInt32LE(written);
  const length = symbols.denizen_actor_tick(instance, to, 4 + written, from, ROOM);
  return JSON.parse(output.toString("utf8", 4, length)).output;
}

let answer: unknown;
const seconds = await secondsOf(calls, (count) => {
  for (let done = 0; done < count; done++) answer = call(asked);
});
checkEcho(name, answer);
console.log(calls / seconds);
Deno.exit();
