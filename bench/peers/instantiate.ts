/**
 * Milliseconds to read, compile and instantiate a WebAssembly pack, and nothing else: the `first` time, or
 * the `median` of the later ones.
 */
import { median } from "../compare.ts";

const [path, kind, loads] = [Deno.args[0], Deno.args[1], Number(Deno.args[2])];
const nothing = () => 0;
const imports = { env: { __reflow_pack_register_template: nothing, denizen_wait: nothing } };
const times: number[] = [];
while (times.length <= loads) {
  const started = performance.now();
  const module = await WebAssembly.compile(await Deno.readFile(path));
  const { exports } = await WebAssembly.instantiate(module, imports);
  (exports.__reflow_pack_register as () => number)();
  times.push(performance.now() - started);
}
console.log(kind === "first" ? times[0] : median(times.slice(1)));
Deno.exit();
