/**
 * Calls of an Extism plugin that does what `fixture.echo` does, on the thread of the caller. Arguments: the
 * plugin, the payload, and how many calls; prints calls per second. Extism keeps the memory of every call
 * until it is reset, so it is reset periodically.
 */
import createPlugin from "@extism/extism";
import { checkEcho, payload } from "../packs/payload.ts";
import { secondsOf } from "../timed.ts";

const RESET_EVERY = 1_000;

const [path, name, calls] = [Deno.args[0], Deno.args[1], Number(Deno.args[2])];
const input = payload(name);
const plugin = await createPlugin({ wasm: [{ data: await Deno.readFile(path) }] }, {
  functions: { env: { __reflow_pack_register_template: () => 0 } },
});

let answer: unknown;
const seconds = await secondsOf(calls, async (count) => {
  for (let done = 0; done < count; done++) {
    if (done % RESET_EVERY === 0) await plugin.reset();
    const output = await plugin.call("call", JSON.stringify({ input: { input } }));
    answer = output!.json().output;
  }
});
checkEcho(name, answer);
console.log(calls / seconds);
Deno.exit();
